package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.PodSandbox;
import io.gantry.proto.cri.v1.RemovePodSandboxRequest;
import io.gantry.proto.cri.v1.RestorePodRequest;
import io.gantry.proto.cri.v1.RestoredContainer;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.cri.PodCheckpoint;
import io.gantry.tests.node.FaultOrders;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.CriuProgram;
import io.gantry.tests.tools.DirectoryTree;
import io.gantry.tests.tools.Eventually;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The daemon dies, or fails, at each of its fault points while a pod is saved or restored; see
 * {@link FaultIT}.
 */
@Tag("root")
class CheckpointFaultIT {
  private static final String COUNTER =
      "n=0; while true; do n=$((n+1)); echo $n; echo $n > /dev/shm/$HOSTNAME; sleep 0.1; done";

  private static final List<String> NAMES = List.of("one", "two");
  private static final Duration SOON = Duration.ofSeconds(30);

  /** When it is passed the work is done, and only its answer can be lost. */
  private static final List<String> LAST =
      List.of("pod-checkpoint record removed 1", "pod-restoration record removed 1");

  @RegisterExtension
  static final TestNode node =
      TestNode.withBusybox(
          directory -> "\n[checkpoint]\ncriu = \"%s\"\n".formatted(CriuProgram.orSkip()));

  private TestPod pod;
  private String[] containers;

  @BeforeEach
  void runPod() {
    pod = TestPod.run(node);
    containers =
        NAMES.stream().map(name -> pod.run(name, "sh", "-c", COUNTER)).toArray(String[]::new);
    NAMES.forEach(name -> pod.awaitLog(name, log -> last(log) > 1));
  }

  @AfterEach
  void removePods() {
    orders().none();
    if (!node.runtime().process().isAlive()) {
      node.startAgain();
    }
    node.removeAllPods();
  }

  private static FaultOrders orders() {
    return FaultOrders.to(node.directory());
  }

  private static int last(ContainerLog log) {
    List<String> lines = log.stdout().lines().toList();
    return lines.isEmpty() ? 0 : Integer.parseInt(lines.get(lines.size() - 1));
  }

  private static Path empty() {
    try {
      return Files.createTempDirectory(node.directory().scratch(), "pod");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void save(Path output) {
    node.cri().runtime().checkpointPod(PodCheckpoint.save(pod.id(), output, containers).build());
  }

  private RestorePodRequest restoring(Path from) {
    List<ContainerConfig> configs =
        NAMES.stream()
            .map(
                name ->
                    pod.request(name, config -> config.addAllCommand(List.of("sh", "-c", COUNTER)))
                        .getConfig())
            .toList();
    return PodCheckpoint.restore(from, TestPod.config(node, config -> {}), configs).build();
  }

  private void assertRuns() {
    for (String name : NAMES) {
      int then = last(pod.log(name));
      pod.awaitLog(name, log -> last(log) > then + 1);
    }
  }

  @TestFactory
  Stream<DynamicTest> killedAtEachPointOfSaving_allRunOnAndNothingIsHalfSaved() throws IOException {
    Path first = empty();
    List<String> points = orders().pointsOf(() -> save(first));
    assertTrue(points.contains("pod's containers frozen 1"), points::toString);
    return points.stream()
        .map(point -> DynamicTest.dynamicTest("killed at: " + point, () -> killSaving(point)));
  }

  private void killSaving(String point) throws IOException {
    Path output = empty();
    Leftovers before = Leftovers.of(node.directory());
    orders().killAt(point);
    dies(() -> save(output));
    assertRuns();
    assertEquals(LAST.contains(point), Files.exists(output.resolve("pod.dump")));
    if (!LAST.contains(point)) {
      assertEmpty(output);
    }
    assertNothingMoreThan(before);
  }

  @TestFactory
  Stream<DynamicTest> failedAtEachPointOfSaving_allRunOnAndNothingIsHalfSaved() throws IOException {
    Path first = empty();
    return orders().pointsOf(() -> save(first)).stream()
        .filter(point -> !point.contains("removed"))
        .map(point -> DynamicTest.dynamicTest("failed at: " + point, () -> failSaving(point)));
  }

  private void failSaving(String point) throws IOException {
    Path output = empty();
    Leftovers before = Leftovers.of(node.directory());
    orders().failAt(point);
    fails(point, () -> save(output));
    assertRuns();
    assertEmpty(output);
    assertNothingMoreThan(before);
  }

  @TestFactory
  Stream<DynamicTest> killedAtEachPointOfRestoring_thePodIsWholeOrNotThere() throws IOException {
    Path saved = empty();
    save(saved);
    return restoringPoints(saved).stream()
        .map(
            point ->
                DynamicTest.dynamicTest("killed at: " + point, () -> killRestoring(saved, point)));
  }

  private void killRestoring(Path saved, String point) {
    Leftovers before = Leftovers.of(node.directory());
    orders().killAt(point);
    dies(() -> node.cri().runtime().restorePod(restoring(saved)));
    List<PodSandbox> others = others();
    assertEquals(LAST.contains(point) ? 1 : 0, others.size(), others::toString);
    others.forEach(other -> remove(other.getId()));
    assertRuns();
    assertNothingMoreThan(before);
  }

  @TestFactory
  Stream<DynamicTest> failedAtEachPointOfRestoring_nothingIsLeft() throws IOException {
    Path saved = empty();
    save(saved);
    return restoringPoints(saved).stream()
        .filter(point -> !point.contains("removed"))
        .map(
            point ->
                DynamicTest.dynamicTest("failed at: " + point, () -> failRestoring(saved, point)));
  }

  private void failRestoring(Path saved, String point) {
    Leftovers before = Leftovers.of(node.directory());
    orders().failAt(point);
    fails(point, () -> node.cri().runtime().restorePod(restoring(saved)));
    assertEquals(List.of(), others());
    assertNothingMoreThan(before);
    // A checkpoint is good for any number of pods.
    var whole = node.cri().runtime().restorePod(restoring(saved));
    whole.getRestoredContainersList().stream()
        .map(RestoredContainer::getContainerId)
        .forEach(pod::start);
    remove(whole.getPodSandboxId());
  }

  private List<String> restoringPoints(Path saved) throws IOException {
    List<String> points =
        orders().pointsOf(() -> node.cri().runtime().restorePod(restoring(saved)));
    assertTrue(points.contains("pod's container restored 2"), points::toString);
    others().forEach(other -> remove(other.getId()));
    return points;
  }

  private static void dies(Runnable call) {
    var cutOff = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(Status.Code.UNAVAILABLE, cutOff.getStatus().getCode(), cutOff::toString);
    Eventually.holds(
        "the daemon is dead", SOON, () -> assertFalse(node.runtime().process().isAlive()));
    orders().none();
    node.startAgain();
  }

  private static void fails(String point, Runnable call) {
    var told = assertThrows(StatusRuntimeException.class, call::run);
    assertTrue(told.getMessage().contains("told to fail at \"" + point), told::getMessage);
    orders().none();
  }

  private List<PodSandbox> others() {
    return node
        .cri()
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList()
        .stream()
        .filter(other -> !other.getId().equals(pod.id()))
        .toList();
  }

  private static void remove(String id) {
    node.cri()
        .runtime()
        .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  private static void assertEmpty(Path output) throws IOException {
    try (Stream<Path> left = Files.list(output)) {
      assertEquals(List.of(), left.toList());
    }
    DirectoryTree.delete(output);
  }

  private static void assertNothingMoreThan(Leftovers before) {
    Eventually.holds(
        "only what was there before is there",
        SOON,
        () -> assertEquals("", Leftovers.of(node.directory()).differenceTo(before)));
  }
}
