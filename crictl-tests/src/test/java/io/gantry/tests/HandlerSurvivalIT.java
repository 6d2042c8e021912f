package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.NodeProcesses;
import io.gantry.tests.node.RuntimeHandlers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Eventually;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What SIGKILL of the daemon or of a shim means to containers of other runtime handlers. */
@Tag("root")
class HandlerSurvivalIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String WRITER =
      "i=0; while :; do echo line $i; i=$((i+1)); usleep 2000; done";

  @BeforeEach
  void startIfKilled() {
    assumeTrue(TestNode.isGantry(), "handlers of gantry.toml");
    if (!node.runtime().process().isAlive()) {
      node.startAgain();
    }
  }

  @AfterEach
  void removePods() {
    startIfKilled();
    node.removeAllPods();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        RuntimeHandlers.POD,
        RuntimeHandlers.NODE,
        RuntimeHandlers.RUNC,
        RuntimeHandlers.CRUN
      })
  void killOfTheDaemon_leavesContainersRunningAndTheirLogsWhole(String handler) {
    TestPod pod = TestPod.run(node, handler);
    String first = pod.run("first", "sh", "-c", WRITER);
    String second = pod.run("second", "sh", "-c", WRITER);
    long pid = pod.pid(first);
    pod.awaitLog("second", log -> log.lines().size() > 50);

    node.runtime().kill();
    int atKill = pod.log("first").lines().size();
    pod.awaitLog("first", log -> log.lines().size() > atKill + 50);
    node.startAgain();

    assertEquals(pid, pod.pid(first), "the same process");
    for (String container : List.of(first, second)) {
      assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
      assertEquals("inside\n", pod.execOutput(container, "echo", "inside"));
    }
    int afterStart = pod.log("first").lines().size();
    pod.awaitLog("first", log -> log.lines().size() > afterStart + 50);
    pod.stop(first, Duration.ZERO);
    assertEquals(137, pod.status(first).getExitCode());
    assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(second).getState());
    pod.stop(second, Duration.ZERO);
    assertWhole(pod.log("first"));
    assertWhole(pod.log("second"));
  }

  @Test
  void killOfTheOtherShim_isAnExitOfItsContainer() {
    node.awaitIdle();
    TestPod pod = TestPod.run(node, RuntimeHandlers.RUNC);
    Leftovers before = Leftovers.of(node.directory());
    String container = pod.run("victim", "sh", "-c", WRITER);
    ProcessHandle process = ProcessHandle.of(pod.pid(container)).orElseThrow();

    assertTrue(otherShim(container).destroyForcibly());

    assertGone(pod, container, process, before);
  }

  @Test
  void killOfTheShimBeforeIt_isAnExitOfItsContainer() {
    node.awaitIdle();
    TestPod pod = TestPod.run(node, RuntimeHandlers.RUNC);
    Leftovers before = Leftovers.of(node.directory());
    String container = pod.run("victim", "sh", "-c", WRITER);
    ProcessHandle process = ProcessHandle.of(pod.pid(container)).orElseThrow();
    ProcessHandle other = otherShim(container);

    assertTrue(shimBefore(other).destroyForcibly());

    assertGone(pod, container, process, before);
    // It is the init process's child by now, which takes its time to reap.
    Eventually.holds("the shim behind it ends, too", SOON, () -> assertFalse(other.isAlive()));
  }

  /** It has exited by an end that nobody saw, and can be removed with all that it had. */
  private static void assertGone(
      TestPod pod, String container, ProcessHandle process, Leftovers before) {
    ContainerStatus status = pod.awaitExit(container);
    assertTrue(status.getExitCode() != 0, status.toString());
    assertTrue(status.getFinishedAt() >= status.getStartedAt(), status.toString());
    Eventually.holds("its process ends", SOON, () -> assertFalse(process.isAlive()));
    pod.remove(container);
    Eventually.holds(
        "nothing of the container is left",
        SOON,
        () -> assertEquals("", Leftovers.of(node.directory()).differenceTo(before)));
  }

  /** The shim of another make that runs a container. */
  private static ProcessHandle otherShim(String container) {
    return NodeProcesses.of(node.directory()).stream()
        .filter(found -> found.commandLine().contains("containerd-shim-runc-v2"))
        .filter(found -> found.commandLine().contains("-id " + container))
        .findFirst()
        .flatMap(found -> ProcessHandle.of(found.pid()))
        .orElseThrow(() -> new AssertionError("no shim of " + container));
  }

  /** gantry's own, which started it and is its subreaper. */
  private static ProcessHandle shimBefore(ProcessHandle other) {
    ProcessHandle parent = other.parent().orElseThrow();
    assertTrue(
        NodeProcesses.of(node.directory()).stream()
            .anyMatch(
                found ->
                    found.pid() == parent.pid()
                        && found.commandLine().contains("io.gantry.runtime.shim")),
        () -> parent.info() + " is no shim of gantry's");
    return parent;
  }

  /** Every number from 0 on, each once and in order. */
  private static void assertWhole(ContainerLog log) {
    List<ContainerLog.Line> lines = log.lines();
    for (int i = 0; i < lines.size(); i++) {
      assertEquals("line " + i, lines.get(i).text());
    }
  }
}
