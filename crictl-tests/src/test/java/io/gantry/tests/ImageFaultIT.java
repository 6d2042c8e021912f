package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.Image;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.ImageStatusRequest;
import io.gantry.proto.cri.v1.ListImagesRequest;
import io.gantry.proto.cri.v1.PullImageRequest;
import io.gantry.proto.cri.v1.RemoveImageRequest;
import io.gantry.tests.node.FaultOrders;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.registry.HoldingProxy;
import io.gantry.tests.registry.Layer;
import io.gantry.tests.registry.LayerBuilder;
import io.gantry.tests.registry.TestImage;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Interactive;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The daemon dies, or fails, at each point of a pull and of a removal, or its client goes away in
 * the middle: no image is half here, the next pull completes, and the next removal frees all.
 */
@Tag("root")
class ImageFaultIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String NAME = "test/fault:1";

  private String image;
  private TestImage pushed;
  private TreeMap<String, Integer> before;

  @BeforeEach
  void push() throws IOException {
    assumeTrue(TestNode.isGantry(), "the points are gantry's");
    Layer own = new LayerBuilder().file("first", 0644, "first\n").gzipped();
    pushed = TestImage.of(own, node.registry().images().busybox().layers().get(0)).command("sh");
    node.registry().open().push("test/fault", "1", pushed);
    image = node.registry().open().reference(NAME);
    before = store();
  }

  @AfterEach
  void disarm() {
    orders().none();
    if (!node.runtime().process().isAlive()) {
      node.startAgain();
    }
    node.removeAllPods();
  }

  @TestFactory
  Stream<DynamicTest> killedAtEachPoint_noImageIsHalfHere_andTheNextPullCompletes()
      throws IOException {
    List<String> points = points();
    int removalIsRecorded = points.indexOf("image record written 2");
    assertTrue(removalIsRecorded > 0, points::toString);
    return points.stream()
        .map(
            point ->
                DynamicTest.dynamicTest(
                    "killed at: " + point,
                    () -> killAt(point, points.indexOf(point) >= removalIsRecorded)));
  }

  @TestFactory
  Stream<DynamicTest> failedAtEachRecordOrBlob_noImageIsHalfHere_andTheNextPullCompletes()
      throws IOException {
    return points().stream()
        .filter(point -> point.endsWith("written 1") || point.endsWith("kept 1"))
        .map(point -> DynamicTest.dynamicTest("failed at: " + point, () -> failAt(point)));
  }

  @Test
  void clientGoneInMidPull_leavesNothing_andTheNextPullCompletes() throws Exception {
    try (HoldingProxy proxy =
        new HoldingProxy(node.registry().open().url(), pushed.layers().get(0).digest())) {
      node.directory().mirror("holding.test", proxy.url());
      String held = "holding.test/" + NAME;
      Interactive crictl = Interactive.start(node.crictl().command("pull", held));
      proxy.awaitHeld();
      assertTrue(!store().equals(before), "something has come");

      crictl.kill();
      Eventually.holds("nothing of it is here", SOON, () -> assertEquals(before, store()));
      assertEquals(List.of(), images(held));

      proxy.release();
      node.crictl().out("pull", held);
      runsAndGoes(held);
      Eventually.holds("nothing of it is here", SOON, () -> assertEquals(before, store()));
    }
  }

  @Test
  void clientGoneInMidPull_othersWhoWaitGetTheImage() throws Exception {
    try (HoldingProxy proxy =
        new HoldingProxy(node.registry().open().url(), pushed.layers().get(0).digest())) {
      node.directory().mirror("holding.test", proxy.url());
      String held = "holding.test/" + NAME;
      Interactive one = Interactive.start(node.crictl().command("pull", held));
      Interactive other = Interactive.start(node.crictl().command("pull", held));
      proxy.awaitHeld();
      one.kill();
      proxy.release();
      other.awaitEnd();
      assertEquals(0, other.exitCode());
      runsAndGoes(held);
    }
    Eventually.holds("nothing of it is here", SOON, () -> assertEquals(before, store()));
  }

  private List<String> points() throws IOException {
    List<String> points = orders().pointsOf(this::pullAndRemove);
    assertTrue(points.contains("layer record written 2"), points::toString);
    Eventually.holds("nothing of it is here", SOON, () -> assertEquals(before, store()));
    return points;
  }

  private void killAt(String point, boolean removing) {
    orders().killAt(point);
    StatusRuntimeException cutOff = assertThrows(StatusRuntimeException.class, this::pullAndRemove);
    assertEquals(Status.Code.UNAVAILABLE, cutOff.getStatus().getCode(), cutOff::toString);
    Eventually.holds(
        "the daemon is dead", SOON, () -> assertTrue(!node.runtime().process().isAlive()));
    orders().none();
    node.startAgain();
    if (removing) {
      // Nobody asks again for the removal of what is not shown.
      assertEquals(List.of(), images(image));
      Eventually.holds("all of it is gone", SOON, () -> assertEquals(before, store()));
    }
    isWholeAndGoes();
  }

  private void failAt(String point) {
    orders().failAt(point);
    StatusRuntimeException told = assertThrows(StatusRuntimeException.class, this::pullAndRemove);
    assertTrue(told.getMessage().contains("told to fail at \"" + point), told::getMessage);
    assertEquals(Status.Code.INTERNAL, told.getStatus().getCode());
    orders().none();
    isWholeAndGoes();
  }

  private void isWholeAndGoes() {
    for (Image shown : images(image)) {
      node.crictl().out("inspecti", shown.getId());
      runsAndGoes(image);
    }
    node.crictl().out("pull", image);
    runsAndGoes(image);
    Eventually.holds("nothing of it is here", SOON, () -> assertEquals(before, store()));
  }

  /** A container sees both layers; then it and the image go. */
  private void runsAndGoes(String name) {
    try (TestPod pod = TestPod.run(node)) {
      String words =
          pod.output(
              "app",
              config -> config.setImage(ImageSpec.newBuilder().setImage(name)),
              "cat /first");
      assertEquals("first\n", words);
    }
    node.crictl().out("rmi", name);
  }

  private void pullAndRemove() {
    ImageSpec spec = ImageSpec.newBuilder().setImage(image).build();
    node.cri().images().pullImage(PullImageRequest.newBuilder().setImage(spec).build());
    assertTrue(
        node.cri()
            .images()
            .imageStatus(ImageStatusRequest.newBuilder().setImage(spec).build())
            .hasImage());
    node.cri().images().removeImage(RemoveImageRequest.newBuilder().setImage(spec).build());
  }

  private static List<Image> images(String name) {
    return node
        .cri()
        .images()
        .listImages(ListImagesRequest.getDefaultInstance())
        .getImagesList()
        .stream()
        .filter(image -> image.getRepoTagsList().contains(name))
        .toList();
  }

  private static FaultOrders orders() {
    return FaultOrders.to(node.directory());
  }

  /** How many entries each directory of the image service has: names of layers may change. */
  private static TreeMap<String, Integer> store() throws IOException {
    TreeMap<String, Integer> counts = new TreeMap<>();
    for (String directory :
        List.of(
            "images",
            "content/blobs/sha256",
            "content/ingest",
            "snapshots/l",
            "snapshots/layers",
            "snapshots/keys",
            "snapshots/writable",
            "snapshots/trash")) {
      try (Stream<Path> all = Files.list(node.directory().root().resolve(directory))) {
        counts.put(directory, (int) all.count());
      }
    }
    return counts;
  }
}
