package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.Container;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.proto.cri.v1.ContainerStatusRequest;
import io.gantry.proto.cri.v1.ListContainersRequest;
import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.PodSandbox;
import io.gantry.proto.cri.v1.PodSandboxStatusRequest;
import io.gantry.proto.cri.v1.RemovePodSandboxRequest;
import io.gantry.proto.cri.v1.StopPodSandboxRequest;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Eventually;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The daemon is killed with SIGKILL and started again: containers run on, nothing is lost, nothing
 * half-made stays.
 */
@Tag("root")
class SurvivalIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int MOMENTS = 6;
  private static final String WRITER =
      "i=0; while :; do echo line $i; i=$((i+1)); usleep 2000; done";

  /** A request that is cut off, on a pod that nothing else uses. */
  private interface Request {
    void send(TestPod pod) throws Exception;
  }

  @BeforeEach
  void startIfKilled() {
    if (!node.runtime().process().isAlive()) {
      node.startAgain();
    }
  }

  @AfterEach
  void removePods() {
    startIfKilled();
    node.removeAllPods();
  }

  @Test
  void runningContainers_runOnAndTheirLogsAreWhole() {
    TestPod pod = run();
    String container = pod.run("writer", "sh", "-c", WRITER);
    long pid = pod.pid(container);
    pod.awaitLog("writer", log -> log.lines().size() > 50);

    node.runtime().kill();
    int atKill = pod.log("writer").lines().size();
    pod.awaitLog("writer", log -> log.lines().size() > atKill + 50);
    node.startAgain();

    assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
    assertEquals(pid, pod.pid(container), "the same process");
    int afterStart = pod.log("writer").lines().size();
    pod.awaitLog("writer", log -> log.lines().size() > afterStart + 50);
    assertWhole(pod.log("writer"));
    assertEquals("inside\n", pod.execOutput(container, "echo", "inside"));
    assertEquals(container, node.crictl().out("ps", "-q"));
  }

  @Test
  void containers_areStoppedAndRemovedAfterARestart() {
    TestPod pod = run();
    String container = pod.run("writer", "sh", "-c", WRITER);

    node.runtime().kill();
    node.startAgain();
    pod.stop(container, Duration.ZERO);

    assertEquals(137, pod.status(container).getExitCode());
    pod.remove(container);
    assertEquals("", node.crictl().out("ps", "-a", "-q"));
  }

  @Test
  void exitWhileTheDaemonIsAway_isReportedWithItsCodeTimeAndLastWords() throws IOException {
    TestPod pod = run();
    String container =
        pod.run(
            "leaves",
            "sh",
            "-c",
            "echo ready; until [ -e /tmp/go ]; do usleep 5000; done; echo last words; exit 7");
    pod.awaitLog("leaves", log -> log.stdout().contains("ready"));
    var go = pod.inside(container, "/tmp/go");
    ProcessHandle process = ProcessHandle.of(pod.pid(container)).orElseThrow();

    node.runtime().kill();
    Files.createFile(go);
    Eventually.holds("the container ends", SOON, () -> assertFalse(process.isAlive()));
    long ended = System.currentTimeMillis();
    node.startAgain();

    ContainerStatus status = pod.awaitExit(container);
    assertEquals(7, status.getExitCode());
    assertEquals("Error", status.getReason());
    assertEquals("ready\nlast words\n", pod.log("leaves").stdout());
    long finishedMillis = status.getFinishedAt() / 1_000_000;
    assertTrue(
        finishedMillis <= ended + 1000, () -> "finished " + finishedMillis + ", seen " + ended);
  }

  @Test
  void createdContainer_canBeStartedAfterARestart() {
    TestPod pod = run();
    String container = pod.create("later", "sh", "-c", "echo started later");

    node.runtime().kill();
    node.startAgain();
    assertEquals(ContainerState.CONTAINER_CREATED, pod.status(container).getState());
    pod.start(container);

    assertEquals(0, pod.awaitExit(container).getExitCode());
    assertEquals("started later\n", pod.log("later").stdout());
  }

  @Test
  void exitedContainer_keepsItsEnd() {
    TestPod pod = run();
    String container = pod.run("done", "sh", "-c", "exit 3");
    ContainerStatus before = pod.awaitExit(container);

    node.runtime().kill();
    node.startAgain();

    assertEquals(before, pod.status(container));
  }

  @Test
  void pods_keepTheirConfigurationAndNetwork() {
    TestPod pod = run();
    var before = pod.status();

    node.runtime().kill();
    node.startAgain();

    assertEquals(before, pod.status());
    String seen = pod.output("address", config -> {}, "ip -4 addr show eth0");
    assertTrue(seen.contains(before.getNetwork().getIp()), seen);
  }

  @Test
  void orderlyStop_leavesContainersRunning() {
    TestPod pod = run();
    String container = pod.run("writer", "sh", "-c", WRITER);
    long pid = pod.pid(container);

    node.runtime().stop();
    node.startAgain();

    assertEquals(pid, pod.pid(container));
    assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
  }

  @TestFactory
  Stream<DynamicTest> killDuringRunPod_leavesNothingHalfMade() {
    return moments("RunPodSandbox", pod -> {}, pod -> TestPod.run(node));
  }

  @TestFactory
  Stream<DynamicTest> killDuringCreate_leavesNothingHalfMade() {
    return moments("CreateContainer", pod -> {}, pod -> pod.create("cut", "sleep", "1000"));
  }

  @TestFactory
  Stream<DynamicTest> killDuringStart_leavesNothingHalfMade() {
    return moments(
        "StartContainer",
        pod -> pod.create("cut", "sleep", "1000"),
        pod -> pod.start(onlyContainer(pod)));
  }

  @TestFactory
  Stream<DynamicTest> killDuringStop_leavesNothingHalfMade() {
    return moments(
        "StopContainer",
        pod -> pod.run("cut", "sleep", "1000"),
        pod -> pod.stop(onlyContainer(pod), Duration.ZERO));
  }

  @TestFactory
  Stream<DynamicTest> killDuringRemove_leavesNothingHalfMade() {
    return moments(
        "RemoveContainer",
        pod -> {
          String container = pod.run("cut", "true");
          pod.awaitExit(container);
        },
        pod -> pod.remove(onlyContainer(pod)));
  }

  @TestFactory
  Stream<DynamicTest> killDuringStopAndRemovePod_leavesNothingHalfMade() {
    return moments("StopPodSandbox", pod -> pod.run("cut", "sleep", "1000"), TestPod::close);
  }

  /** One test for each of some moments, spread over the time that the request takes. */
  private Stream<DynamicTest> moments(String name, Request prepare, Request request) {
    long[] duration = new long[1];
    return LongStream.rangeClosed(0, MOMENTS)
        .mapToObj(
            moment ->
                DynamicTest.dynamicTest(
                    name + " killed at " + moment + "/" + MOMENTS + " of its time",
                    () -> {
                      startIfKilled();
                      try {
                        if (moment == 0) {
                          duration[0] = time(prepare, request);
                        }
                        killAndCheck(prepare, request, duration[0] * moment / MOMENTS);
                      } finally {
                        // What one moment leaves must not count against the next.
                        removePods();
                      }
                    }));
  }

  private long time(Request prepare, Request request) throws Exception {
    TestPod pod = run();
    prepare.send(pod);
    long start = System.nanoTime();
    request.send(pod);
    long taken = System.nanoTime() - start;
    node.removeAllPods();
    return taken;
  }

  private void killAndCheck(Request prepare, Request request, long delayNanos) throws Exception {
    TestPod witness = run();
    witness.run("writer", "sh", "-c", WRITER);
    witness.awaitLog("writer", log -> !log.lines().isEmpty());
    Leftovers before = Leftovers.of(node.directory());

    TestPod pod = run();
    prepare.send(pod);
    CompletableFuture<Void> sent =
        CompletableFuture.runAsync(
            () -> {
              try {
                request.send(pod);
              } catch (StatusRuntimeException cutOff) {
                // The daemon was killed under it, as intended.
              } catch (Exception e) {
                throw new IllegalStateException(e);
              }
            });
    // Not a wait for anything: the moment of the kill is what this test varies.
    LockSupport.parkNanos(delayNanos);
    node.runtime().kill();
    node.startAgain();
    sent.join();

    everythingListedCanBeInspected();
    removeAllBut(witness);
    Eventually.holds(
        "only the witness's things are left",
        SOON,
        () -> {
          assertEquals("", Leftovers.of(node.directory()).differenceTo(before));
        });
    assertWhole(witness.log("writer"));
  }

  private static void everythingListedCanBeInspected() {
    for (PodSandbox pod : listPods()) {
      node.cri()
          .runtime()
          .podSandboxStatus(
              PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod.getId()).build());
    }
    for (Container container : listContainers()) {
      node.cri()
          .runtime()
          .containerStatus(
              ContainerStatusRequest.newBuilder().setContainerId(container.getId()).build());
    }
  }

  private static void removeAllBut(TestPod witness) {
    for (PodSandbox pod : listPods()) {
      if (!pod.getId().equals(witness.id())) {
        node.cri()
            .runtime()
            .stopPodSandbox(
                StopPodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
        node.cri()
            .runtime()
            .removePodSandbox(
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
      }
    }
    assertEquals(1, listPods().size());
    assertEquals(1, listContainers().size());
  }

  private static List<PodSandbox> listPods() {
    return node.cri()
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList();
  }

  private static List<Container> listContainers() {
    return node.cri()
        .runtime()
        .listContainers(ListContainersRequest.getDefaultInstance())
        .getContainersList();
  }

  private static String onlyContainer(TestPod pod) {
    return listContainers().stream()
        .filter(container -> container.getPodSandboxId().equals(pod.id()))
        .findFirst()
        .orElseThrow()
        .getId();
  }

  private static TestPod run() {
    return TestPod.run(node);
  }

  /** Every number from 0 on, each once and in order. */
  private static void assertWhole(ContainerLog log) {
    List<ContainerLog.Line> lines = log.lines();
    for (int i = 0; i < lines.size(); i++) {
      assertEquals("line " + i, lines.get(i).text());
    }
  }
}
