package io.gantry.image.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.content.Arrival;
import io.gantry.image.content.ContentStore;
import io.gantry.image.failure.ImageException;
import io.gantry.image.failure.ImageException.Kind;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.proxy.ProxyRules;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.Reference;
import io.gantry.image.step.Steps;
import io.gantry.image.work.Cancellation;
import io.gantry.image.work.Slots;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Large blobs in parts, hosts that want to be left alone, and those that are too slow. */
class BlobPartsTest {

  private static final int PART = 4 << 20;
  private static final byte[] LARGE = new byte[5 * PART + 12_345];
  private static final Descriptor BLOB;

  static {
    new Random(3).nextBytes(LARGE);
    BLOB = new Descriptor("layer", Digest.sha256(LARGE), LARGE.length, Optional.empty());
  }

  @TempDir Path directory;
  private final Cancellation running = new Cancellation();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private TestRegistry registry;
  private ContentStore store;
  private Patience patience =
      new Patience(
          Duration.ofSeconds(5),
          Duration.ofMillis(400),
          0,
          3,
          Duration.ofMillis(5),
          Duration.ofSeconds(1),
          Duration.ofSeconds(5));
  private int connections = 3;

  @BeforeEach
  void start() throws IOException {
    registry = new TestRegistry();
    registry.blob("a", LARGE);
    store = ContentStore.open(directory.resolve("content"), Steps.UNOBSERVED);
  }

  @AfterEach
  void stop() {
    registry.close();
    threads.shutdownNow();
  }

  private RemoteRepository open() throws IOException {
    RegistrySettings settings =
        new RegistrySettings("gantry-test", patience, PART, connections, ProxyRules.NONE);
    return new RegistryClient(
            List.of(directory), settings, CredentialSource.NONE, new Slots(9, threads)::tryExecute)
        .open(Reference.parse(registry.host() + "/a:1"), new Credentials.Anonymous());
  }

  private void download() throws IOException {
    try (Arrival arrival = store.arrive(BLOB.digest(), BLOB.sizeBytes(), running)) {
      open().blob(BLOB, new TestSink(arrival), running);
    }
    assertArrayEquals(LARGE, store.read(BLOB.digest(), LARGE.length));
  }

  private ImageException refused() {
    return assertThrows(ImageException.class, this::download);
  }

  private static boolean isBlob(String path) {
    return path.contains("/blobs/");
  }

  @Test
  void parts_comeOverSeveralConnectionsAtATime() throws Exception {
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    CyclicBarrier barrier = new CyclicBarrier(2);
    AtomicInteger asked = new AtomicInteger();
    registry.misbehave(
        exchange -> {
          most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
          // The first answer tells that there are ranges; the next two must come together.
          int number = asked.incrementAndGet();
          if (number == 2 || number == 3) {
            try {
              barrier.await(10, TimeUnit.SECONDS);
            } catch (Exception e) {
              throw new IOException(e);
            }
          }
          atOnce.decrementAndGet();
          return false;
        });
    download();
    assertEquals(6, registry.count("GET", "/blobs/"));
    assertTrue(most.get() >= 2 && most.get() <= connections, "at once: " + most);
    for (TestRegistry.Request request : registry.requests()) {
      assertTrue(request.header("Range").startsWith("bytes="), request.toString());
    }
  }

  @Test
  void oneConnection_isEnough() throws Exception {
    connections = 1;
    download();
    assertEquals(6, registry.count("GET", "/blobs/"));
  }

  @Test
  void hostWithoutRanges_sendsAllInOneAnswer() throws Exception {
    registry.misbehave(
        exchange -> {
          TestRegistry.respond(exchange, 200, LARGE);
          return true;
        });
    download();
    assertEquals(1, registry.requests().size());
  }

  @Test
  void wholeChunks_ofABrokenDownload_areNotFetchedAgain() throws Exception {
    AtomicBoolean broken = new AtomicBoolean(true);
    registry.misbehave(
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          if (!broken.get() || range.startsWith("bytes=0-")) {
            return false;
          }
          TestRegistry.respond(exchange, 500, new byte[0]);
          return true;
        });
    assertEquals(Kind.UNAVAILABLE, refused().kind());
    broken.set(false);
    store =
        ContentStore.open(directory.resolve("content"), Steps.UNOBSERVED); // As after a restart.
    registry.requests().clear();
    download();
    assertTrue(
        registry.requests().stream().noneMatch(r -> r.header("Range").startsWith("bytes=0-")),
        registry.requests().toString());
  }

  @Test
  void mirror_goesOnWhereAnotherBrokeOff() throws Exception {
    try (TestRegistry mirror = new TestRegistry()) {
      mirror.blob("a", LARGE);
      mirror.misbehave(
          exchange -> {
            String range = exchange.getRequestHeaders().getFirst("Range");
            if (range.startsWith("bytes=0-")) {
              return false;
            }
            TestRegistry.respond(exchange, 404, new byte[0]);
            return true;
          });
      Path hosts = Files.createDirectories(directory.resolve(registry.host()));
      Files.writeString(hosts.resolve("hosts.toml"), "[host.\"http://" + mirror.host() + "\"]\n");
      download();
      assertEquals(5, registry.count("GET", "/blobs/"));
    }
  }

  @Test
  void failure_endsConnectionsThatHang() throws Exception {
    registry.misbehave(
        exchange -> {
          String range = exchange.getRequestHeaders().getFirst("Range");
          if (range.startsWith("bytes=0-")) {
            return false;
          }
          if (range.startsWith("bytes=" + PART + "-")) {
            TestRegistry.respond(exchange, 403, new byte[0]);
          } else {
            exchange
                .getResponseHeaders()
                .add("Content-Range", range.replace("bytes=", "bytes ") + "/" + LARGE.length);
            exchange.sendResponseHeaders(206, PART); // And nothing more.
            hang();
          }
          return true;
        });
    patience =
        new Patience(
            Duration.ofSeconds(60),
            Duration.ofSeconds(60),
            0,
            3,
            Duration.ofMillis(5),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5));
    assertEquals(Kind.UNAUTHORIZED, refused().kind());
  }

  private static void hang() throws IOException {
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void retryAfter_isHeededByAllConnections() throws Exception {
    AtomicInteger refusals = new AtomicInteger(1);
    long[] until = {0};
    AtomicInteger early = new AtomicInteger();
    registry.misbehave(
        exchange -> {
          if (System.nanoTime() < until[0]) {
            early.incrementAndGet();
          }
          String range = exchange.getRequestHeaders().getFirst("Range");
          if (range.startsWith("bytes=" + PART + "-") && refusals.getAndDecrement() > 0) {
            until[0] = System.nanoTime() + 900_000_000L;
            exchange.getResponseHeaders().add("Retry-After", "1");
            TestRegistry.respond(exchange, 429, new byte[0]);
            return true;
          }
          return false;
        });
    download();
    // One may have been on its way already.
    assertTrue(early.get() <= 1, "asked too early: " + early);
  }

  @Test
  void hostThatWantsALongPause_isNotAskedAgain_byOthersEither() throws Exception {
    registry.failing(99, "/blobs/", 429, "Retry-After", "3600");
    assertEquals(Kind.UNAVAILABLE, refused().kind());
    assertEquals(1, registry.requests().size());
  }

  @Test
  void budget_endsTheRetries() throws Exception {
    patience =
        new Patience(
            Duration.ofSeconds(5),
            Duration.ofMillis(400),
            0,
            50,
            Duration.ofMillis(200),
            Duration.ofMillis(200),
            Duration.ofMillis(500));
    registry.failing(99, "/blobs/", 503);
    assertEquals(Kind.UNAVAILABLE, refused().kind());
    assertTrue(registry.requests().size() <= 6, "asked " + registry.requests().size() + " times");
  }

  @Test
  void trickle_isCutOff() throws Exception {
    patience =
        new Patience(
            Duration.ofSeconds(5),
            Duration.ofMillis(300),
            1 << 20,
            2,
            Duration.ofMillis(5),
            Duration.ofMillis(50),
            Duration.ofSeconds(5));
    registry.misbehave(
        exchange -> {
          if (!isBlob(exchange.getRequestURI().getPath())) {
            return false;
          }
          exchange.sendResponseHeaders(200, LARGE.length);
          try (OutputStream out = exchange.getResponseBody()) {
            for (int i = 0; i < LARGE.length; i++) {
              out.write(LARGE, i, 1);
              out.flush();
              Thread.sleep(20);
            }
          } catch (InterruptedException e) {
            throw new IOException(e);
          }
          return true;
        });
    ImageException e = refused();
    assertEquals(Kind.UNAVAILABLE, e.kind());
    assertTrue(e.getMessage().contains("bytes came"), e.getMessage());
    assertFalse(store.has(BLOB.digest()));
  }
}
