package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.Container;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ContainerStatusRequest;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.ListContainersRequest;
import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandbox;
import io.gantry.proto.cri.v1.PodSandboxStatusRequest;
import io.gantry.proto.cri.v1.RemovePodSandboxRequest;
import io.gantry.proto.cri.v1.StopPodSandboxRequest;
import io.gantry.proto.cri.v1.UpdateContainerResourcesRequest;
import io.gantry.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.FaultOrders;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Eventually;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
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
 * The daemon dies, or fails, at each of the points that it has before and after each intent it
 * records, in the life of a pod with a container. The points are asked of the daemon itself, so one
 * that is added is tested without a change here.
 */
@Tag("root")
class FaultIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final Duration SOON = Duration.ofSeconds(30);

  private TestPod witness;
  private String witnessed;
  private long witnessPid;

  @BeforeEach
  void runAWitness() {
    assumeTrue(TestNode.isGantry(), "the points are gantry's");
    witness = TestPod.run(node);
    witnessed = witness.run("witness", "sleep", "10000");
    witnessPid = witness.pid(witnessed);
  }

  @AfterEach
  void disarm() {
    orders().none();
    if (node.runtime() != null && !node.runtime().process().isAlive()) {
      node.startAgain();
    }
    node.removeAllPods();
  }

  @TestFactory
  Stream<DynamicTest> killedAtEachPoint_nothingIsHalfMadeOrLeft() throws IOException {
    return points().stream()
        .map(point -> DynamicTest.dynamicTest("killed at: " + point, () -> killAt(point)));
  }

  @TestFactory
  Stream<DynamicTest> failedAtEachPointOfMaking_nothingIsHalfMadeOrLeft() throws IOException {
    return points().stream()
        .filter(point -> point.endsWith("made 1") || point.endsWith("written 1"))
        .map(point -> DynamicTest.dynamicTest("failed at: " + point, () -> failAt(point)));
  }

  private static List<String> points() throws IOException {
    List<String> points = orders().pointsOf(FaultIT::life);
    assertTrue(points.contains("pod record written 1"), points::toString);
    return points;
  }

  private void killAt(String point) {
    Leftovers before = Leftovers.of(node.directory());
    orders().killAt(point);
    StatusRuntimeException cutOff = assertThrows(StatusRuntimeException.class, FaultIT::life);
    assertEquals(Status.Code.UNAVAILABLE, cutOff.getStatus().getCode(), cutOff::toString);
    Eventually.holds(
        "the daemon is dead", SOON, () -> assertFalse(node.runtime().process().isAlive()));
    orders().none();
    node.startAgain();
    everythingListedCanBeInspected();
    nothingIsLeftBut(before);
  }

  private void failAt(String point) {
    Leftovers before = Leftovers.of(node.directory());
    orders().failAt(point);
    try {
      life();
    } catch (StatusRuntimeException told) {
      assertTrue(told.getMessage().contains("told to fail at \"" + point), told::getMessage);
    }
    orders().none();
    everythingListedCanBeInspected();
    nothingIsLeftBut(before);
    assertTrue(node.runtime().process().isAlive());
  }

  /** From nothing to nothing, through everything that leaves traces on the way. */
  private static void life() {
    TestPod pod =
        TestPod.run(
            node,
            config -> {
              NamespaceOption shared =
                  NamespaceOption.newBuilder().setPid(NamespaceMode.POD).build();
              Configs.podSecurity(context -> context.setNamespaceOptions(shared)).accept(config);
            });
    String container = pod.create("app", "sleep", "1000");
    pod.start(container);
    pod.exec(container, "true");
    node.cri()
        .runtime()
        .updateContainerResources(
            UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(container)
                .setLinux(LinuxContainerResources.newBuilder().setCpuShares(512))
                .build());
    node.cri()
        .runtime()
        .updatePodSandboxResources(
            UpdatePodSandboxResourcesRequest.newBuilder()
                .setPodSandboxId(pod.id())
                .setResources(LinuxContainerResources.newBuilder().setCpuShares(1024))
                .build());
    pod.stop(container, Duration.ZERO);
    pod.remove(container);
    pod.run("other", "sleep", "1000");
    pod.close();
  }

  private static FaultOrders orders() {
    return FaultOrders.to(node.directory());
  }

  private static void everythingListedCanBeInspected() {
    for (PodSandbox pod : pods()) {
      node.cri()
          .runtime()
          .podSandboxStatus(
              PodSandboxStatusRequest.newBuilder().setPodSandboxId(pod.getId()).build());
    }
    for (Container container :
        node.cri()
            .runtime()
            .listContainers(ListContainersRequest.getDefaultInstance())
            .getContainersList()) {
      node.cri()
          .runtime()
          .containerStatus(
              ContainerStatusRequest.newBuilder().setContainerId(container.getId()).build());
    }
  }

  private void nothingIsLeftBut(Leftovers before) {
    for (PodSandbox pod : pods()) {
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
    Eventually.holds(
        "only the witness's things are left",
        SOON,
        () -> assertEquals("", Leftovers.of(node.directory()).differenceTo(before)));
    assertEquals(ContainerState.CONTAINER_RUNNING, witness.status(witnessed).getState());
    assertEquals(witnessPid, witness.pid(witnessed));
  }

  private static List<PodSandbox> pods() {
    return node.cri()
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList();
  }
}
