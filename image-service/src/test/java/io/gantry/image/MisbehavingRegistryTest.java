package io.gantry.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.manifest.Platform;
import io.gantry.image.proxy.ProxyRules;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.Patience;
import io.gantry.image.registry.RegistrySettings;
import io.gantry.image.registry.TestRegistry;
import io.gantry.image.step.Steps;
import io.gantry.image.tree.MemoryTrees;
import io.gantry.image.unpack.Archive;
import io.gantry.image.unpack.UnpackLimits;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Registries that do what they should not. Each pull must end in words that say what happened,
 * leave the disk as it was, and leave the images able to pull from a better registry.
 */
class MisbehavingRegistryTest {

  private static final byte[] LAYER = new Archive().file("f", "content").tar();
  private static final byte[] BLOB = Archive.gzip(LAYER);
  // Larger than a chunk, so that something could stay.
  private static final byte[] NOISE = new byte[9 << 20];

  static {
    new Random(11).nextBytes(NOISE);
  }

  private interface Setup {
    void of(TestRegistry registry) throws Exception;
  }

  private record Misdeed(String name, Setup setup, Kind kind, String words) {}

  @TempDir Path directory;

  private final List<Misdeed> misdeeds = new ArrayList<>();

  private void expect(Kind kind, String words, String name, Setup setup) {
    misdeeds.add(new Misdeed(name, setup, kind, words));
  }

  @TestFactory
  Stream<DynamicTest> misdeeds_endInWords_withTheDiskAsBefore() {
    bodies();
    answers();
    documents();
    layers();
    return misdeeds.stream()
        .map(misdeed -> DynamicTest.dynamicTest(misdeed.name(), () -> suffer(misdeed)));
  }

  private void suffer(Misdeed misdeed) throws Exception {
    Path root = Files.createDirectory(directory.resolve(misdeed.name().replace(' ', '-')));
    try (TestRegistry bad = new TestRegistry();
        TestRegistry good = new TestRegistry();
        LocalImages images = open(root)) {
      serve(bad, LAYER);
      serve(good, LAYER);
      List<String> before = files(root);
      misdeed.setup().of(bad);
      ExecutionException e = assertThrows(ExecutionException.class, () -> pull(images, bad));
      ImageException failure = assertInstanceOf(ImageException.class, e.getCause());
      assertTrue(
          failure.getMessage().contains(misdeed.words()) && failure.kind() == misdeed.kind(),
          failure.kind() + ": " + failure.getMessage());
      assertTrue(failure.getMessage().length() < 2000, "as long as a book");
      // What was whole before it failed, documents mostly, stays until something is removed.
      images.remove(bad.host() + "/a:1");
      pull(images, good);
      images.remove(good.host() + "/a:1");
      awaitEqual(before, root);
    }
  }

  private static LocalImages open(Path root) throws IOException {
    Patience patience =
        new Patience(
            Duration.ofSeconds(2),
            Duration.ofMillis(300),
            1000,
            2,
            Duration.ofMillis(5),
            Duration.ofMillis(50),
            Duration.ofSeconds(2));
    return LocalImages.open(
        new ImagesSettings(
            root,
            List.of(),
            new Parallelism(2, 8, 2),
            new Platform("linux", "amd64", ""),
            new RegistrySettings("gantry-test", patience, 4 << 20, 2, ProxyRules.NONE),
            NodeCredentials.Settings.NONE,
            new UnpackLimits(10_000, 1L << 30, 1 << 20, 200, 4096)),
        new MemoryTrees(),
        Clock.systemUTC(),
        Steps.UNOBSERVED);
  }

  private static void pull(LocalImages images, TestRegistry registry) throws Exception {
    images.pull(PullRequest.anonymous(registry.host() + "/a:1")).get(30, TimeUnit.SECONDS);
  }

  private static List<String> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return all.map(Path::toString).sorted().toList();
    } catch (UncheckedIOException goneMeanwhile) {
      return List.of();
    }
  }

  private static void awaitEqual(List<String> files, Path root) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!files.equals(files(root)) && System.nanoTime() < end) {
      Thread.onSpinWait(); // The trash is emptied in the background.
    }
    assertEquals(files, files(root));
  }

  private static void serve(TestRegistry registry, byte[]... layers) {
    List<byte[]> blobs = Arrays.stream(layers).map(Archive::gzip).toList();
    registry.image("a", "1", blobs, List.of(layers), "{}");
  }

  private static void blobs(TestRegistry registry, TestRegistry.Misbehaviour instead) {
    registry.misbehave(
        exchange ->
            exchange.getRequestURI().getPath().contains(Digest.sha256(BLOB).toString())
                && instead.answer(exchange));
  }

  private static void manifests(TestRegistry registry, TestRegistry.Misbehaviour instead) {
    registry.misbehave(
        exchange ->
            exchange.getRequestURI().getPath().contains("/manifests/") && instead.answer(exchange));
  }

  /** Writes until the client has had enough. */
  private static boolean endless(HttpExchange exchange, byte[] piece) throws IOException {
    exchange.sendResponseHeaders(200, 0);
    try (OutputStream out = exchange.getResponseBody()) {
      for (int i = 0; i < 100_000; i++) {
        out.write(piece);
      }
    }
    return true;
  }

  private static boolean drip(HttpExchange exchange, byte[] bytes) throws IOException {
    exchange.sendResponseHeaders(200, bytes.length);
    try (OutputStream out = exchange.getResponseBody()) {
      for (byte one : bytes) {
        out.write(one);
        out.flush();
        Thread.sleep(20);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return true;
  }

  private void bodies() {
    expect(
        Kind.CORRUPT,
        "arrived with other content: its digest is sha256:",
        "other bytes of the right length",
        registry -> {
          byte[] other = BLOB.clone();
          other[other.length - 1] ^= 1;
          registry.corrupt("a", Digest.sha256(BLOB), other);
        });
    expect(
        Kind.CORRUPT,
        "bytes, not the " + BLOB.length + " announced",
        "a length that is not the announced one",
        registry -> registry.corrupt("a", Digest.sha256(BLOB), Arrays.copyOf(BLOB, 50)));
    expect(
        Kind.UNAVAILABLE,
        "50",
        "a body shorter than its length",
        registry ->
            blobs(
                registry,
                exchange -> {
                  exchange.sendResponseHeaders(200, BLOB.length);
                  exchange.getResponseBody().write(BLOB, 0, 50);
                  return true;
                }));
    expect(
        Kind.CORRUPT,
        "more bytes came than there should be",
        "an endless body",
        registry -> blobs(registry, exchange -> endless(exchange, BLOB)));
    expect(
        Kind.UNAVAILABLE,
        "bytes came",
        "a slow drip",
        registry -> blobs(registry, exchange -> drip(exchange, BLOB)));
    expect(
        Kind.CORRUPT,
        "got another range",
        "another range than was asked for",
        registry -> {
          serve(registry, new Archive().file("n", text(NOISE)).tar());
          registry.misbehave(
              exchange -> {
                if (exchange.getRequestHeaders().getFirst("Range") == null) {
                  return false;
                }
                exchange.getResponseHeaders().add("Content-Range", "bytes 7-8/9");
                TestRegistry.respond(exchange, 206, new byte[2]);
                return true;
              });
        });
    expect(
        Kind.CORRUPT,
        "arrived with other content",
        "large layers of other bytes",
        registry -> {
          byte[] tar = new Archive().file("n", text(NOISE)).tar();
          serve(registry, tar);
          byte[] other = Archive.gzip(tar);
          Digest digest = Digest.sha256(other);
          other[5 << 20] ^= 1;
          registry.corrupt("a", digest, other);
        });
    expect(
        Kind.CORRUPT,
        "arrived in encoding br",
        "an encoding nobody asked for",
        registry ->
            blobs(
                registry,
                exchange -> {
                  exchange.getResponseHeaders().add("Content-Encoding", "br");
                  TestRegistry.respond(exchange, 200, BLOB);
                  return true;
                }));
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.ISO_8859_1);
  }

  private void answers() {
    expect(
        Kind.CORRUPT,
        "redirects more than 10 times",
        "redirects in a circle",
        registry ->
            blobs(
                registry,
                exchange -> {
                  exchange
                      .getResponseHeaders()
                      .add("Location", exchange.getRequestURI().toString());
                  TestRegistry.respond(exchange, 307, new byte[0]);
                  return true;
                }));
    expect(
        Kind.CORRUPT,
        "which is not HTTP",
        "redirects to a file",
        registry -> registry.failing(9, "/blobs/", 302, "Location", "file:///etc/shadow"));
    expect(
        Kind.UNAVAILABLE,
        "answered 500",
        "nothing but 500",
        registry -> registry.failing(999, "", 500));
    expect(
        Kind.UNAUTHORIZED,
        "answered 401",
        "a password that is never good enough",
        registry -> registry.failing(999, "/v2/", 401, "WWW-Authenticate", "Basic realm=\"r\""));
    expect(
        Kind.UNAUTHORIZED,
        "answered 401",
        "tokens that are never good enough",
        registry -> {
          registry.misbehave(
              exchange -> {
                if (!exchange.getRequestURI().getPath().equals("/token")) {
                  return false;
                }
                TestRegistry.respond(
                    exchange, 200, "{\"token\":\"t\"}".getBytes(StandardCharsets.UTF_8));
                return true;
              });
          registry.failing(
              999,
              "/v2/",
              401,
              "WWW-Authenticate",
              "Bearer realm=\"http://" + registry.host() + "/token\"");
        });
    expect(
        Kind.UNAVAILABLE,
        "could not be reached",
        "a token server that never ends",
        registry -> {
          registry.misbehave(
              exchange ->
                  exchange.getRequestURI().getPath().equals("/token")
                      && endless(exchange, new byte[65536]));
          registry.failing(
              999,
              "/v2/",
              401,
              "WWW-Authenticate",
              "Bearer realm=\"http://" + registry.host() + "/token\"");
        });
    expect(
        Kind.UNAVAILABLE,
        "could not be reached",
        "no answer at all",
        registry ->
            manifests(
                registry,
                exchange -> {
                  exchange.close();
                  return true;
                }));
  }

  private static void manifest(TestRegistry registry, String json) {
    registry.manifest("a", "1", MediaTypes.OCI_MANIFEST, json);
  }

  private static String descriptor(byte[] blob) {
    return TestRegistry.descriptor(MediaTypes.OCI_CONFIG, blob);
  }

  private static byte[] config(TestRegistry registry) {
    byte[] config =
        ("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"" + Digest.sha256(LAYER) + "\"]}}")
            .getBytes(StandardCharsets.UTF_8);
    registry.blob("a", config);
    return config;
  }

  private void documents() {
    expect(
        Kind.CORRUPT,
        "the answer is larger than",
        "a manifest that never ends",
        registry ->
            manifests(
                registry,
                exchange ->
                    !exchange.getRequestMethod().equals("HEAD")
                        && endless(exchange, new byte[65536])));
    expect(
        Kind.UNAVAILABLE,
        "bytes came",
        "a manifest in drips",
        registry ->
            manifests(
                registry,
                exchange -> !exchange.getRequestMethod().equals("HEAD") && drip(exchange, NOISE)));
    expect(
        Kind.CORRUPT,
        "is not JSON",
        "a manifest of brackets",
        registry -> manifest(registry, "[".repeat(1_000_000)));
    expect(
        Kind.UNSUPPORTED,
        "indexes within indexes",
        "nested indexes",
        registry -> {
          String json = "{\"schemaVersion\":2,\"manifests\":[]}";
          for (int depth = 0; depth < 12; depth++) {
            byte[] inner = json.getBytes(StandardCharsets.UTF_8);
            registry.manifest("a", depth == 11 ? "1" : "x" + depth, MediaTypes.OCI_INDEX, json);
            json =
                "{\"schemaVersion\":2,\"manifests\":["
                    + TestRegistry.descriptor(MediaTypes.OCI_INDEX, inner)
                    + "]}";
          }
          registry.manifest("a", "1", MediaTypes.OCI_INDEX, json);
        });
    expect(
        Kind.CORRUPT,
        "more than any that is taken",
        "a layer of more bytes than there are",
        registry ->
            manifest(
                registry,
                "{\"schemaVersion\":2,\"config\":"
                    + descriptor(config(registry))
                    + ",\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\","
                    + "\"digest\":\""
                    + Digest.sha256(BLOB)
                    + "\",\"size\":9223372036854775807}]}"));
    expect(
        Kind.UNSUPPORTED,
        "foreign",
        "a foreign layer",
        registry ->
            manifest(
                registry,
                "{\"schemaVersion\":2,\"config\":"
                    + descriptor("{}".getBytes(StandardCharsets.UTF_8))
                    + ",\"layers\":["
                    + TestRegistry.descriptor(
                        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", BLOB)
                    + "]}"));
    expect(
        Kind.UNSUPPORTED,
        "schema",
        "schema 1",
        registry ->
            registry.manifest(
                "a",
                "1",
                "application/vnd.docker.distribution.manifest.v1+prettyjws",
                "{\"schemaVersion\":1,\"name\":\"a\",\"tag\":\"1\",\"fsLayers\":[]}"));
  }

  private void layer(String words, String name, Archive archive) {
    expect(Kind.CORRUPT, words, name, registry -> serve(registry, archive.tar()));
  }

  private void layers() {
    layer("too much for its size", "a bomb", new Archive().file("z", "\0".repeat(200 << 20)));
    layer("leads out of the root", "names with dots", new Archive().file("a/../../x", ""));
    layer("which does not exist", "a hard link out", new Archive().hardLink("h", "/etc/shadow"));
    layer("leads out of the root", "a hard link up", new Archive().hardLink("h", "../../shadow"));
    layer(
        "longer than 4096 bytes",
        "a name of more than 4 KB",
        new Archive().file("n/".repeat(2049), ""));
    layer("not known", "a member of no kind", new Archive().link((byte) 'Z', "z", ""));
    layer("a whiteout of nothing", "a whiteout of nothing", new Archive().file(".wh.", ""));
    layer(
        "leads through more than",
        "links in a circle",
        new Archive().symbolicLink("l", "m").symbolicLink("m", "l").file("l/f", ""));
    layer(
        "cannot be anything but a directory",
        "a root that is a file",
        new Archive().file("/.", ""));
    expect(
        Kind.CORRUPT,
        "unpacks to other content",
        "a layer that is another one",
        registry -> registry.image("a", "1", List.of(BLOB), List.of(new byte[3]), "{}"));
    expect(
        Kind.CORRUPT,
        "not a tar archive",
        "a layer of noise",
        registry -> registry.image("a", "1", List.of(Archive.gzip(NOISE)), List.of(NOISE), "{}"));
    expect(
        Kind.CORRUPT,
        "the layer",
        "gzip that breaks off",
        registry -> {
          byte[] cut = Arrays.copyOf(BLOB, BLOB.length - 20);
          registry.image("a", "1", List.of(cut), List.of(LAYER), "{}");
        });
  }
}
