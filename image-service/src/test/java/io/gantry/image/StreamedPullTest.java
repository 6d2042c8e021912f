package io.gantry.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.net.httpserver.HttpExchange;
import io.gantry.image.credential.NodeCredentials;
import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import io.gantry.image.manifest.Platform;
import io.gantry.image.proxy.ProxyRules;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.Patience;
import io.gantry.image.registry.RegistrySettings;
import io.gantry.image.registry.TestRegistry;
import io.gantry.image.step.Steps;
import io.gantry.image.tree.LayerTrees;
import io.gantry.image.tree.MemoryTrees;
import io.gantry.image.tree.WatchedTrees;
import io.gantry.image.unpack.Archive;
import io.gantry.image.unpack.UnpackLimits;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers that are unpacked while they come, and beside each other. */
class StreamedPullTest {

  private static final int PART = 4 << 20;
  private static final byte[] NOISE = new byte[3 * PART];

  static {
    new Random(5).nextBytes(NOISE);
  }

  @TempDir Path root;
  private final WatchedTrees trees = new WatchedTrees(new MemoryTrees());
  private TestRegistry registry;
  private LocalImages images;
  private final CountDownLatch go = new CountDownLatch(1);

  @BeforeEach
  void start() throws IOException {
    registry = new TestRegistry();
    images = open(trees);
  }

  private LocalImages open(LayerTrees on) throws IOException {
    Patience patience =
        new Patience(
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            0,
            2,
            Duration.ofMillis(5),
            Duration.ofMillis(50),
            Duration.ofSeconds(5));
    ImagesSettings settings =
        new ImagesSettings(
            root,
            List.of(root.resolve("certs.d")),
            new Parallelism(3, 16, 3),
            new Platform("linux", "amd64", ""),
            new RegistrySettings("gantry-test", patience, PART, 2, ProxyRules.NONE),
            NodeCredentials.Settings.NONE,
            UnpackLimits.DEFAULT);
    return LocalImages.open(settings, on, Clock.systemUTC(), Steps.UNOBSERVED);
  }

  @AfterEach
  void stop() {
    go.countDown();
    images.close();
    registry.close();
  }

  private void serve(byte[]... layers) {
    List<byte[]> compressed = Arrays.stream(layers).map(Archive::gzip).toList();
    registry.image("a", "1", compressed, List.of(layers), "{}");
  }

  private CompletableFuture<ImageRecord> pull() {
    return images.pull(PullRequest.anonymous(registry.host() + "/a:1"));
  }

  private ImageException refused() {
    ExecutionException e =
        assertThrows(ExecutionException.class, () -> pull().get(20, TimeUnit.SECONDS));
    return assertInstanceOf(ImageException.class, e.getCause());
  }

  private static boolean asks(HttpExchange exchange, byte[] blob) {
    return exchange.getRequestURI().getPath().contains(Digest.sha256(blob).toString());
  }

  /** Sends so much of a blob, and the rest once told to. */
  private void sendInTwo(byte[] blob, int first) {
    registry.misbehave(
        exchange -> {
          if (!asks(exchange, blob)) {
            return false;
          }
          exchange.sendResponseHeaders(200, blob.length);
          OutputStream out = exchange.getResponseBody();
          out.write(blob, 0, first);
          out.flush();
          await(go);
          out.write(blob, first, blob.length - first);
          return true;
        });
  }

  private static void await(CountDownLatch latch) throws IOException {
    try {
      latch.await(20, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  private String read(ImageRecord image, String path) throws Exception {
    images.snapshots().prepare("c", image.topChainId());
    return new String(
        images.snapshots().readFile("c", path, 1 << 20).orElseThrow(), StandardCharsets.UTF_8);
  }

  @Test
  void unpacking_beginsBeforeTheLayerIsWhole() throws Exception {
    byte[] layer =
        new Archive()
            .file("first", "1")
            .file("noise", new String(NOISE, StandardCharsets.ISO_8859_1))
            .file("last", "2")
            .tar();
    serve(layer);
    byte[] blob = Archive.gzip(layer);
    sendInTwo(blob, blob.length / 2);
    CountDownLatch first = trees.whenMade("first");
    CompletableFuture<ImageRecord> pull = pull();
    assertTrue(first.await(20, TimeUnit.SECONDS));
    assertFalse(pull.isDone());
    go.countDown();
    assertEquals("2", read(pull.get(20, TimeUnit.SECONDS), "/last"));
  }

  @Test
  void layersAbove_areUnpackedBesideThoseBelow() throws Exception {
    byte[] bottom = new Archive().directory("d/", 0700, 7).file("d/gone", "g").tar();
    byte[] middle = new Archive().file("middle", "m").tar();
    byte[] top = new Archive().file("early", "e").file("d/.wh.gone", "").file("d/new", "n").tar();
    serve(bottom, middle, top);
    sendInTwo(Archive.gzip(bottom), 10);
    CountDownLatch early = trees.whenMade("early");
    CountDownLatch second = trees.whenMade("middle");
    CompletableFuture<ImageRecord> pull = pull();
    assertTrue(early.await(20, TimeUnit.SECONDS));
    assertTrue(second.await(20, TimeUnit.SECONDS));
    go.countDown();
    ImageRecord image = pull.get(20, TimeUnit.SECONDS);
    assertEquals("n", read(image, "/d/new"));
    assertTrue(images.snapshots().readFile("c", "/d/gone", 10).isEmpty());
  }

  @Test
  void failedDownload_isTheReason_notWhatItDidToUnpacking() throws Exception {
    byte[] layer =
        new Archive().file("noise", new String(NOISE, StandardCharsets.ISO_8859_1)).tar();
    serve(layer);
    byte[] blob = Archive.gzip(layer);
    AtomicInteger asked = new AtomicInteger();
    registry.misbehave(
        exchange -> {
          if (!asks(exchange, blob) || asked.getAndIncrement() == 0) {
            return false;
          }
          TestRegistry.respond(exchange, 404, new byte[0]);
          return true;
        });
    ImageException e = refused();
    assertEquals(Kind.NOT_FOUND, e.kind(), e.getMessage());
    assertTrue(images.list().isEmpty());
  }

  @Test
  void hostThatSendsOtherContent_isFallenThrough_inTheMiddleOfUnpacking() throws Exception {
    byte[] layer = new Archive().file("f", "right").tar();
    byte[] blob = Archive.gzip(layer);
    serve(layer);
    byte[] wrong = Archive.gzip(new Archive().file("f", "wrong").tar());
    try (TestRegistry mirror = new TestRegistry()) {
      mirror.misbehave(
          exchange -> {
            if (!asks(exchange, blob)) {
              return false;
            }
            TestRegistry.respond(exchange, 200, Arrays.copyOf(wrong, blob.length));
            return true;
          });
      Path hosts = Files.createDirectories(root.resolve("certs.d").resolve(registry.host()));
      Files.writeString(hosts.resolve("hosts.toml"), "[host.\"http://" + mirror.host() + "\"]\n");
      assertEquals("right", read(pull().get(20, TimeUnit.SECONDS), "/f"));
    }
  }

  @Test
  void gzipOfSeveralMembers_isReadToItsEnd_howeverItComes() throws Exception {
    String noise = new String(Arrays.copyOf(NOISE, 512 * 1000), StandardCharsets.ISO_8859_1);
    byte[] tar = new Archive().file("one", noise).file("two", "2").tar();
    ByteArrayOutputStream members = new ByteArrayOutputStream();
    int half = 512 * 900;
    members.writeBytes(Archive.gzip(Arrays.copyOf(tar, half)));
    int seam = members.size();
    members.writeBytes(Archive.gzip(Arrays.copyOfRange(tar, half, tar.length)));
    byte[] blob = members.toByteArray();
    registry.image("a", "1", List.of(blob), List.of(tar), "{}");
    sendInTwo(blob, seam);
    CountDownLatch one = trees.whenMade("one");
    CompletableFuture<ImageRecord> pull = pull();
    assertTrue(one.await(20, TimeUnit.SECONDS));
    go.countDown();
    assertEquals("2", read(pull.get(20, TimeUnit.SECONDS), "/two"));
  }

  @Test
  void brokenPull_isGoneOnWithAfterARestart() throws Exception {
    byte[] layer =
        new Archive().file("noise", new String(NOISE, StandardCharsets.ISO_8859_1)).tar();
    serve(layer);
    byte[] blob = Archive.gzip(layer);
    AtomicBoolean broken = new AtomicBoolean(true);
    registry.misbehave(
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          if (!asks(exchange, blob) || !broken.get() || range.startsWith("bytes=0-")) {
            return false;
          }
          TestRegistry.respond(exchange, 500, new byte[0]);
          return true;
        });
    assertEquals(Kind.UNAVAILABLE, refused().kind());
    images.close();
    broken.set(false);
    registry.requests().clear();
    images = open(trees);
    pull().get(20, TimeUnit.SECONDS);
    assertTrue(
        registry.requests().stream().noneMatch(r -> r.header("Range").startsWith("bytes=0-")));
    try (var left = Files.list(root.resolve("content/ingest"))) {
      assertArrayEquals(new Object[0], left.toArray());
    }
  }

  @Test
  void firstFailure_endsThePull_whateverElseIsStalled() throws Exception {
    byte[] stalled = new Archive().file("stalled", "s").tar();
    byte[] missing = new Archive().file("missing", "m").tar();
    serve(stalled, missing);
    sendInTwo(Archive.gzip(stalled), 5);
    registry.misbehave(
        exchange -> {
          if (!asks(exchange, Archive.gzip(missing))) {
            return false;
          }
          TestRegistry.respond(exchange, 404, new byte[0]);
          return true;
        });
    assertEquals(Kind.NOT_FOUND, refused().kind());
  }
}
