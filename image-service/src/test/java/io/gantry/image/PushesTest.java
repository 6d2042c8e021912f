package io.gantry.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.manifest.Platform;
import io.gantry.image.proxy.ProxyRules;
import io.gantry.image.push.PushListener;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.Reference;
import io.gantry.image.registry.Credentials;
import io.gantry.image.registry.Patience;
import io.gantry.image.registry.RegistrySettings;
import io.gantry.image.registry.TestRegistry;
import io.gantry.image.registry.UploadRegistry;
import io.gantry.image.step.Steps;
import io.gantry.image.tree.MemoryTrees;
import io.gantry.image.unpack.Archive;
import io.gantry.image.unpack.UnpackLimits;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PushesTest {

  private static final byte[] BASE = new Archive().file("base", "b".repeat(5000)).tar();
  private static final byte[] TOP = new Archive().file("top", "t").tar();

  @TempDir Path root;
  private TestRegistry source;
  private UploadRegistry registry;
  private LocalImages images;
  private final Map<Digest, PushListener.Phase> phases = new ConcurrentHashMap<>();
  private final List<String> words = new CopyOnWriteArrayList<>();

  @BeforeEach
  void start() throws IOException {
    source = new TestRegistry();
    registry = new UploadRegistry();
    images =
        LocalImages.open(
            new ImagesSettings(
                root,
                List.of(),
                new Parallelism(2, 16, 2),
                new Platform("linux", "amd64", ""),
                new RegistrySettings(
                    "test",
                    new Patience(
                        Duration.ofSeconds(20),
                        Duration.ofSeconds(20),
                        0,
                        3,
                        Duration.ofMillis(5),
                        Duration.ofMillis(50),
                        Duration.ofSeconds(10)),
                    32 << 20,
                    4,
                    ProxyRules.NONE),
                NodeCredentials.Settings.NONE,
                UnpackLimits.DEFAULT),
            new MemoryTrees(),
            Clock.systemUTC(),
            Steps.UNOBSERVED);
  }

  @AfterEach
  void stop() {
    images.close();
    registry.close();
    source.close();
  }

  private ImageRecord pulled(byte[]... layers) throws Exception {
    source.image(
        "a", "1", List.of(layers).stream().map(Archive::gzip).toList(), List.of(layers), "{}");
    return images.pull(PullRequest.anonymous(source.host() + "/a:1")).get(20, TimeUnit.SECONDS);
  }

  private Pushes.Result push(ImageRecord image, String name) throws Exception {
    return push(image, name, new Credentials.Anonymous());
  }

  private Pushes.Result push(ImageRecord image, String name, Credentials credentials)
      throws Exception {
    PushListener listener =
        new PushListener() {
          @Override
          public void blob(Descriptor blob, Phase phase, long currentBytes, Optional<String> from) {
            phases.put(blob.digest(), phase);
          }

          @Override
          public void words(String said) {
            words.add(said);
          }
        };
    return images
        .pushes()
        .begin(
            new Pushes.Request(image, Reference.parse(registry.host() + "/" + name), credentials),
            listener,
            new Cancellation())
        .get(60, TimeUnit.SECONDS);
  }

  private ImageException refused(ImageRecord image, String name) {
    ExecutionException failure = assertThrows(ExecutionException.class, () -> push(image, name));
    return assertInstanceOf(ImageException.class, failure.getCause());
  }

  private static Digest layer(byte[] archive) {
    return Digest.sha256(Archive.gzip(archive));
  }

  @Test
  void push_bringsAllOfIt_andTheSameDigest() throws Exception {
    ImageRecord image = pulled(BASE, TOP);
    Pushes.Result result = push(image, "b:2");
    Digest pulledAs = image.origin().target().orElseThrow().digest();
    assertEquals(pulledAs, result.pushed().digest());
    assertEquals(pulledAs, Digest.sha256(registry.manifest("b", "2")));
    assertArrayEquals(Archive.gzip(BASE), registry.blob("b", layer(BASE)));
    assertArrayEquals(Archive.gzip(TOP), registry.blob("b", layer(TOP)));
    assertNotNull(registry.blob("b", image.id()));
    assertTrue(phases.values().stream().allMatch(PushListener.Phase.UPLOADED::equals));
    assertTrue(
        images
            .find(image.id().hex())
            .orElseThrow()
            .repoDigests()
            .contains(registry.host() + "/b@" + pulledAs));
  }

  @Test
  void push_ofWhatIsThere_sendsNothing() throws Exception {
    ImageRecord image = pulled(BASE);
    push(image, "b:2");
    long before = registry.count("POST");
    assertTrue(push(image, "b:2").unchanged());
    push(image, "b:3");
    assertEquals(before, registry.count("POST"));
    assertTrue(phases.values().stream().allMatch(PushListener.Phase.ALREADY_THERE::equals));
  }

  @Test
  void blobOfAnotherRepositoryThere_isMounted() throws Exception {
    ImageRecord image = pulled(BASE);
    push(image, "b:1");
    long before = registry.count("PATCH");
    push(image, "c/d:1");
    assertEquals(before, registry.count("PATCH"));
    assertEquals(PushListener.Phase.MOUNTED, phases.get(layer(BASE)));
    assertNotNull(registry.blob("c/d", layer(BASE)));
  }

  @Test
  void refusedMount_isAnUpload() throws Exception {
    ImageRecord image = pulled(BASE);
    push(image, "b:1");
    registry.misbehave(
        exchange -> {
          String query = exchange.getRequestURI().getRawQuery();
          if (query == null || !query.contains("mount=")) {
            return false;
          }
          exchange.getResponseHeaders().add("Location", "/v2/c/blobs/uploads/lost");
          UploadRegistry.answer(exchange, 202);
          return true;
        });
    push(image, "c:1");
    assertArrayEquals(Archive.gzip(BASE), registry.blob("c", layer(BASE)));
  }

  @Test
  void uploadThatIsCutOff_goesOnWhereItWas() throws Exception {
    ImageRecord image = pulled(BASE);
    AtomicInteger cuts = new AtomicInteger();
    registry.misbehave(
        exchange -> {
          if (!exchange.getRequestMethod().equals("PATCH") || cuts.incrementAndGet() > 1) {
            return false;
          }
          registry.cutOff(exchange, 20);
          return true;
        });
    push(image, "b:1");
    assertArrayEquals(Archive.gzip(BASE), registry.blob("b", layer(BASE)));
    assertTrue(registry.ranges().stream().anyMatch(range -> range.startsWith("20-")));
    assertEquals(1, registry.count("GET /v2/b/blobs/uploads/"));
  }

  @Test
  void registryThatIsBusy_isAskedAgain() throws Exception {
    ImageRecord image = pulled(BASE);
    Set<String> refused = ConcurrentHashMap.newKeySet();
    registry.misbehave(
        exchange -> {
          boolean upload = List.of("PATCH", "PUT", "POST").contains(exchange.getRequestMethod());
          String request = exchange.getRequestMethod() + " " + exchange.getRequestURI();
          if (!upload || !refused.add(request)) {
            return false;
          }
          UploadRegistry.answer(exchange, refused.size() % 2 == 0 ? 429 : 503);
          return true;
        });
    push(image, "b:1");
    assertNotNull(registry.manifest("b", "1"));
  }

  @Test
  void registryThatAlwaysFails_isGivenUp_andTheTagDoesNotMove() throws Exception {
    ImageRecord image = pulled(BASE);
    registry.misbehave(
        exchange -> {
          if (!exchange.getRequestMethod().equals("PATCH")) {
            return false;
          }
          UploadRegistry.answer(exchange, 500);
          return true;
        });
    ImageException failure = refused(image, "b:1");
    assertEquals(ImageException.Kind.UNAVAILABLE, failure.kind());
    assertTrue(failure.getMessage().contains("answered 500"), failure.getMessage());
    assertEquals(0, registry.count("PUT /v2/b/manifests"));
  }

  @Test
  void password_isShownWhenAskedFor_andOtherwiseItIsARefusal() throws Exception {
    ImageRecord image = pulled(BASE);
    registry.misbehave(
        exchange -> {
          String shown = exchange.getRequestHeaders().getFirst("Authorization");
          if (shown != null && shown.equals("Basic bWU6c2VjcmV0")) {
            return false;
          }
          exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"r\"");
          UploadRegistry.answer(exchange, 401);
          return true;
        });
    assertEquals(ImageException.Kind.UNAUTHORIZED, refused(image, "b:1").kind());
    push(image, "b:1", new Credentials.Password("me", "secret"));
    assertNotNull(registry.manifest("b", "1"));

    images
        .pushes()
        .login(registry.host(), new Credentials.Password("me", "secret"), new Cancellation());
    ImageException wrong =
        assertThrows(
            ImageException.class,
            () ->
                images
                    .pushes()
                    .login(
                        registry.host(),
                        new Credentials.Password("me", "wrong"),
                        new Cancellation()));
    assertEquals(ImageException.Kind.UNAUTHORIZED, wrong.kind());
    assertTrue(!wrong.getMessage().contains("wrong"), wrong.getMessage());
  }

  @Test
  void indexOfWhichOnePlatformIsHere_isPushedAsThatPlatform() throws Exception {
    Digest manifest = source.image("a", "amd", List.of(Archive.gzip(BASE)), List.of(BASE), "{}");
    String entry =
        "{\"mediaType\":\""
            + MediaTypes.OCI_MANIFEST
            + "\",\"digest\":\"%s\",\"size\":%d,\"platform\":{\"os\":\"linux\",\"architecture\":\"%s\"}}";
    source.manifest(
        "a",
        "multi",
        MediaTypes.OCI_INDEX,
        "{\"schemaVersion\":2,\"manifests\":["
            + String.format(entry, Digest.sha256(TOP), 1, "arm64")
            + ","
            + String.format(entry, manifest, 500, "amd64")
            + "]}");
    ImageRecord image =
        images.pull(PullRequest.anonymous(source.host() + "/a:multi")).get(20, TimeUnit.SECONDS);
    assertEquals(manifest, push(image, "b:1").pushed().digest());
    assertEquals(1, words.size(), words::toString);
  }
}
