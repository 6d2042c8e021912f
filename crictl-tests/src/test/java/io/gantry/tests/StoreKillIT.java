package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.PullImageRequest;
import io.gantry.proto.cri.v1.RemoveImageRequest;
import io.gantry.proto.v1.CheckFinding;
import io.gantry.proto.v1.CheckRequest;
import io.gantry.proto.v1.ImportProgress;
import io.gantry.proto.v1.ImportRequest;
import io.gantry.proto.v1.PushRequest;
import io.gantry.tests.cri.ExtensionClient;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.registry.GantryRegistry;
import io.gantry.tests.registry.Layer;
import io.gantry.tests.registry.LayerBuilder;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.tools.Skopeo;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon is killed at random moments of what it does to its store: pulls and unpacks, removes
 * and collects, takes pushes and imports, pushes itself. Whatever the moment, the next one finds
 * the store sound, and goes on with what was whole.
 */
@Tag("root")
class StoreKillIT {

  private static final int KILLS = Integer.getInteger("gantry.tests.kills", 10);
  private static final String HOST = "127.0.0.1:" + GantryRegistry.freePort();
  private static final String IMPORTED = "made.test/kill:1";
  private static final int LAYERS = 4;
  private static final int LAYER_BYTES = 3 << 20;
  private static final int PIECE_BYTES = 256 << 10;

  @RegisterExtension
  static final TestNode node =
      TestNode.withBusybox(directory -> "\n[registry_server]\nlisten = \"" + HOST + "\"\n");

  private static String image;
  private static String pushed;
  private static byte[] archive;
  private static int destinations;

  /** Something that changes the store; it may be cut off. */
  private interface Work {
    void run();
  }

  @BeforeAll
  static void images(@TempDir Path directory) throws IOException {
    assumeTrue(TestNode.isGantry(), "gantry's own abilities");
    Random random = new Random(5);
    TestImage many = node.registry().images().busybox();
    for (int i = 0; i < LAYERS; i++) {
      many = many.plus(layer(random, "layer-" + i));
    }
    node.registry().open().push("test/kill", "1", many);
    image = node.registry().open().reference("test/kill:1");
    node.registry()
        .open()
        .push("test/kill-push", "1", TestImage.of(layer(random, "pushed")).command("sh"));
    pushed = node.registry().open().reference("test/kill-push:1");
    Path file = directory.resolve("archive.tar");
    Skopeo.copy("docker://" + pushed, "oci-archive:" + file + ":" + IMPORTED).orFail();
    archive = Files.readAllBytes(file);
  }

  private static Layer layer(Random random, String name) {
    byte[] noise = new byte[LAYER_BYTES];
    random.nextBytes(noise);
    LayerBuilder layer = new LayerBuilder().file(name, 0644, noise);
    for (int i = 0; i < 100; i++) {
      layer.file(name + "-" + i, 0644, "content of " + i);
    }
    return layer.gzipped();
  }

  @AfterEach
  void serveAgain() {
    if (!node.runtime().process().isAlive()) {
      node.startAgain();
    }
    node.crictl().run("rmi", image);
  }

  @Test
  void killedAtRandomMoments_theStoreIsSound_andWhatWasWholeIsUsedAgain() throws Exception {
    long seed = Long.getLong("gantry.tests.seed", System.nanoTime());
    Random random = new Random(seed);
    List<Work> works =
        List.of(this::pull, this::pullAndRemove, this::push, this::takeIn, this::takeInAndSendAway);
    Map<Integer, Long> durations = new HashMap<>();
    for (int kill = 0; kill < KILLS; kill++) {
      String when = "kill " + kill + " of the seed " + seed;
      Work work = works.get(kill % works.size());
      long nanos = durations.computeIfAbsent(kill % works.size(), unknown -> duration(work));
      CompletableFuture<Void> underWay = CompletableFuture.runAsync(work::run);
      // A time is the matter here, and any of them is right.
      TimeUnit.NANOSECONDS.sleep((long) (nanos * random.nextDouble()));
      node.runtime().kill();
      underWay.handle((done, cutOff) -> done).get(60, TimeUnit.SECONDS);

      node.startAgain();

      assertEquals(List.of(), flaws(), when);
      Map<String, Object> whole = blobs();
      pull();
      Map<String, Object> afterwards = blobs();
      whole.forEach((blob, file) -> assertEquals(file, afterwards.get(blob), when + ": " + blob));
      reset();
    }
    pull();
    assertEquals(List.of(), flaws());
    takeInAndSendAway();
    assertEquals(List.of(), flaws());
    push();
    assertEquals(
        Skopeo.digest("docker://" + pushed), Skopeo.digest("docker://" + HOST + "/own/image:1"));
  }

  /** How long it takes when nobody is killed. */
  private long duration(Work work) {
    long begun = System.nanoTime();
    work.run();
    long nanos = System.nanoTime() - begun;
    reset();
    return nanos;
  }

  private static ImageSpec spec() {
    return ImageSpec.newBuilder().setImage(image).build();
  }

  private void pull() {
    node.cri().images().pullImage(PullImageRequest.newBuilder().setImage(spec()).build());
  }

  private void pullAndRemove() {
    pull();
    node.cri().images().removeImage(RemoveImageRequest.newBuilder().setImage(spec()).build());
  }

  private void push() {
    Skopeo.copy("docker://" + pushed, "docker://" + HOST + "/own/image:1");
  }

  private void takeIn() {
    ImportAnswers answers = new ImportAnswers();
    StreamObserver<ImportRequest> to =
        ExtensionClient.of(node.cri()).imagesLater().import_(answers);
    for (int at = 0; at < archive.length; at += PIECE_BYTES) {
      int length = Math.min(PIECE_BYTES, archive.length - at);
      to.onNext(
          ImportRequest.newBuilder().setData(ByteString.copyFrom(archive, at, length)).build());
    }
    to.onCompleted();
    answers.end.join();
  }

  /** To a repository that has nothing of it yet. */
  private void takeInAndSendAway() {
    takeIn();
    String there = node.registry().open().reference("test/kill-away-" + destinations++ + ":1");
    node.cri()
        .imagesBeyondCri()
        .push(PushRequest.newBuilder().setImage(IMPORTED).setDestination(there).build())
        .forEachRemaining(told -> {});
    assertEquals(Skopeo.digest("docker://" + pushed), Skopeo.digest("docker://" + there));
  }

  private static final class ImportAnswers implements StreamObserver<ImportProgress> {
    private final CompletableFuture<Void> end = new CompletableFuture<>();

    @Override
    public void onNext(ImportProgress progress) {
      // Its end alone is waited for.
    }

    @Override
    public void onError(Throwable failure) {
      end.completeExceptionally(failure);
    }

    @Override
    public void onCompleted() {
      end.complete(null);
    }
  }

  private void reset() {
    for (String name : List.of(image, IMPORTED)) {
      ImageSpec spec = ImageSpec.newBuilder().setImage(name).build();
      node.cri().images().removeImage(RemoveImageRequest.newBuilder().setImage(spec).build());
    }
  }

  private static List<String> flaws() {
    List<String> flaws = new ArrayList<>();
    node.cri()
        .imagesBeyondCri()
        .check(CheckRequest.getDefaultInstance())
        .forEachRemaining(
            finding -> {
              if (finding.getKind() != CheckFinding.Kind.SUMMARY) {
                flaws.add(finding.getKind() + " " + finding.getName() + " " + finding.getProblem());
              }
            });
    return flaws;
  }

  /** Which file each blob is: one that comes again is another. */
  private static Map<String, Object> blobs() throws IOException {
    Map<String, Object> blobs = new HashMap<>();
    Path directory = node.directory().root().resolve("content/blobs/sha256");
    try (Stream<Path> files = Files.list(directory)) {
      files.forEach(file -> blobs.put(file.getFileName().toString(), inode(file)));
    }
    return blobs;
  }

  private static Object inode(Path file) {
    try {
      return Files.getAttribute(file, "unix:ino");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
