package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.CreateContainerRequest;
import io.gantry.proto.cri.v1.ListContainersRequest;
import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * A caller that gave up asks again, as a kubelet does after its time-out: it gets what it asked for
 * the first time, once, and is never told that the name is taken.
 */
@Tag("root")
class IdempotenceIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  /** Doubled at each try, so that the caller goes away at several points of the work. */
  private static final long FIRST_PATIENCE_MILLIS = 2;

  @BeforeEach
  void onlyOfGantry() {
    assumeTrue(TestNode.isGantry(), "others hold the name against the same caller");
  }

  @AfterEach
  void removePods() {
    node.removeAllPods();
  }

  @Test
  void runPod_byAnImpatientCaller_makesOnePod() {
    RunPodSandboxRequest request = pod(config -> {});

    String id = impatiently(patience -> run(request, patience));

    assertEquals(List.of(id), pods());
    assertEquals(id, run(request, 60_000), "and again");
    node.runtime().kill();
    node.startAgain();
    assertEquals(id, run(request, 60_000), "asked of the next daemon");
    assertEquals(List.of(id), pods());
  }

  @Test
  void runPod_ofAnotherConfiguration_isRefusedInWords() {
    RunPodSandboxRequest request = pod(config -> {});
    String id = run(request, 60_000);
    RunPodSandboxRequest other =
        request.toBuilder()
            .setConfig(request.getConfig().toBuilder().putLabels("other", "label"))
            .build();

    assertRefused(() -> run(other, 60_000), id);
    node.runtime().kill();
    node.startAgain();
    assertRefused(() -> run(other, 60_000), id);
    assertEquals(List.of(id), pods());
  }

  @Test
  void createContainer_byAnImpatientCaller_makesOneContainer() {
    TestPod pod = TestPod.run(node);
    CreateContainerRequest request =
        pod.request("web", config -> config.addCommand("sleep").addCommand("1000"));

    String id = impatiently(patience -> create(request, patience));

    assertEquals(List.of(id), containers());
    node.runtime().kill();
    node.startAgain();
    assertEquals(id, create(request, 60_000), "asked of the next daemon");
    pod.start(id);
    assertRefused(() -> create(request, 60_000), id);
    assertEquals(List.of(id), containers());
  }

  @Test
  void createContainer_ofAnotherConfiguration_isRefusedInWords() {
    TestPod pod = TestPod.run(node);
    String id = create(pod.request("web", config -> config.addCommand("true")), 60_000);

    assertRefused(
        () -> create(pod.request("web", config -> config.addCommand("false")), 60_000), id);
    assertEquals(List.of(id), containers());
  }

  private interface Call {
    String within(long millis);
  }

  private static String impatiently(Call call) {
    AtomicReference<String> id = new AtomicReference<>();
    int gaveUp = 0;
    for (long patience = FIRST_PATIENCE_MILLIS; id.get() == null; patience *= 2) {
      try {
        id.set(call.within(patience));
      } catch (StatusRuntimeException e) {
        assertEquals(Status.Code.DEADLINE_EXCEEDED, e.getStatus().getCode(), e::toString);
        gaveUp++;
      }
    }
    assertTrue(gaveUp > 0, "the caller was patient enough at once");
    return id.get();
  }

  private static void assertRefused(Runnable call, String id) {
    StatusRuntimeException refused = assertThrows(StatusRuntimeException.class, call::run);
    assertEquals(Status.Code.ALREADY_EXISTS, refused.getStatus().getCode());
    assertTrue(refused.getMessage().contains(id), refused::getMessage);
  }

  private static RunPodSandboxRequest pod(
      Consumer<io.gantry.proto.cri.v1.PodSandboxConfig.Builder> finish) {
    return RunPodSandboxRequest.newBuilder().setConfig(TestPod.config(node, finish)).build();
  }

  private static String run(RunPodSandboxRequest request, long millis) {
    return node.cri()
        .runtime()
        .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
        .runPodSandbox(request)
        .getPodSandboxId();
  }

  private static String create(CreateContainerRequest request, long millis) {
    return node.cri()
        .runtime()
        .withDeadlineAfter(millis, TimeUnit.MILLISECONDS)
        .createContainer(request)
        .getContainerId();
  }

  private static List<String> pods() {
    return node
        .cri()
        .runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList()
        .stream()
        .map(pod -> pod.getId())
        .toList();
  }

  private static List<String> containers() {
    return node
        .cri()
        .runtime()
        .listContainers(ListContainersRequest.getDefaultInstance())
        .getContainersList()
        .stream()
        .map(container -> container.getId())
        .toList();
  }
}
