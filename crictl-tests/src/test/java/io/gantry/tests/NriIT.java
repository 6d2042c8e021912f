package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.CreateContainerRequest;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxState;
import io.gantry.proto.cri.v1.PodSandboxStatusRequest;
import io.gantry.proto.cri.v1.RemovePodSandboxRequest;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.proto.cri.v1.StopPodSandboxRequest;
import io.gantry.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.NriPlugin;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a plugin that follows pods and containers relies on: the same promises that critest holds a
 * runtime to (cri-tools, pkg/validate/nri_linux.go), with a plugin made from the library that
 * plugins are made with.
 */
@Tag("root")
class NriIT {
  @RegisterExtension
  static final TestNode node =
      TestNode.withBusybox(directory -> "\n[nri]\nrequest_timeout = \"20s\"\n");

  private NriPlugin plugin;

  static Path socket() {
    return node.directory().state().resolve("nri.sock");
  }

  @BeforeEach
  void connect() {
    assumeTrue(TestNode.isGantry(), "Debian's containerd knows no NRI");
    plugin = NriPlugin.connect(socket(), "10", "tester");
  }

  @AfterEach
  void disconnect() {
    plugin.close();
    node.removeAllPods();
  }

  @Test
  void pod_isToldInOrderWithItsMetadata() {
    TestPod pod = TestPod.run(node);
    pod.close();

    plugin.await("RemovePodSandbox", pod.id());
    assertEquals(
        List.of("RunPodSandbox", "StopPodSandbox", "RemovePodSandbox"),
        plugin.callsAbout(pod.id()));
    JsonNode told = plugin.await("RunPodSandbox", pod.id()).get("pod");
    assertEquals(pod.config().getMetadata().getName(), told.get("name").asText());
    assertEquals(pod.config().getMetadata().getNamespace(), told.get("namespace").asText());
    assertEquals(pod.config().getMetadata().getUid(), told.get("uid").asText());
    assertEquals(
        pod.config().getLinux().getCgroupParent(), told.at("/linux/cgroupParent").asText());
  }

  @Test
  void container_isToldInOrderWithItsName() {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("web", "sleep", "1000");
      pod.stop(container, Duration.ZERO);
      pod.remove(container);

      plugin.await("RemoveContainer", container);
      assertEquals(
          List.of(
              "CreateContainer",
              "ValidateContainerAdjustment",
              "PostCreateContainer",
              "StartContainer",
              "PostStartContainer",
              "StopContainer",
              "RemoveContainer"),
          allAbout(container));
      for (String call : List.of("CreateContainer", "StartContainer", "StopContainer")) {
        JsonNode told = plugin.await(call, container).get("container");
        assertEquals("web", told.get("name").asText());
        assertEquals(List.of("sleep", "1000"), NriPlugin.texts(told.get("args")));
      }
    }
  }

  /** With the call whose message is made otherwise. */
  private List<String> allAbout(String container) {
    return plugin.events().stream()
        .filter(
            event ->
                event.at("/container/id").asText().equals(container)
                    || event.at("/request/container/id").asText().equals(container))
        .map(event -> event.get("event").asText())
        .toList();
  }

  @Test
  void containerThatEndsByItself_isToldAsStoppedBeforeItsRemoval() {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("fails", "sh", "-c", "exit 1");
      assertEquals(1, pod.awaitExit(container).getExitCode());

      JsonNode told = plugin.await("StopContainer", container).get("container");
      assertEquals(1, told.get("exitCode").asInt());
      assertEquals("CONTAINER_STOPPED", told.get("state").asText());
      assertFalse(plugin.callsAbout(container).contains("RemoveContainer"));

      pod.remove(container);
      plugin.await("RemoveContainer", container);
    }
  }

  @Test
  void pod_isSeenByNobodyUntilThePluginHasAnswered() throws Exception {
    plugin.order("{'on': 'RunPodSandbox', 'hold': true}");
    CompletableFuture<TestPod> running = CompletableFuture.supplyAsync(() -> TestPod.run(node));
    String id = plugin.await("RunPodSandbox").at("/pod/id").asText();

    assertFalse(node.crictl().out("pods", "-q").contains(id));
    assertThrows(StatusRuntimeException.class, () -> podState(id));
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> createIn(id, "early"));
    assertEquals(io.grpc.Status.Code.NOT_FOUND, refused.getStatus().getCode());

    plugin.order("{'on': 'RunPodSandbox'}");
    try (TestPod pod = running.get(30, TimeUnit.SECONDS)) {
      assertEquals(id, pod.id());
      assertEquals(PodSandboxState.SANDBOX_READY, podState(id));
      pod.create("late", "sleep", "1000");
    }
  }

  private static PodSandboxState podState(String id) {
    return node.cri()
        .runtime()
        .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
        .getStatus()
        .getState();
  }

  private static void createIn(String pod, String name) {
    node.cri()
        .runtime()
        .createContainer(
            CreateContainerRequest.newBuilder()
                .setPodSandboxId(pod)
                .setConfig(
                    ContainerConfig.newBuilder()
                        .setMetadata(ContainerMetadata.newBuilder().setName(name))
                        .setImage(ImageSpec.newBuilder().setImage(node.busybox())))
                .build());
  }

  @Test
  void podThatThePluginRefuses_leavesNothingAndCanBeTriedAgain() {
    plugin.order("{'on': 'RunPodSandbox', 'fail': 'no room', 'once': true}");
    PodSandboxConfig config = TestPod.config(node, pod -> {});
    RunPodSandboxRequest request = RunPodSandboxRequest.newBuilder().setConfig(config).build();

    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class, () -> node.cri().runtime().runPodSandbox(request));

    assertTrue(refused.getMessage().contains("10-tester"), refused.getMessage());
    assertTrue(refused.getMessage().contains("no room"), refused.getMessage());
    String attempted = plugin.await("RunPodSandbox").at("/pod/id").asText();
    assertEquals("", node.crictl().out("pods", "-q"));
    assertEquals(
        List.of("RunPodSandbox", "StopPodSandbox", "RemovePodSandbox"),
        plugin.callsAbout(attempted));

    String id = node.cri().runtime().runPodSandbox(request).getPodSandboxId();
    assertNotEquals(attempted, id);
    assertEquals(PodSandboxState.SANDBOX_READY, podState(id));
  }

  @Test
  void stopPodSandbox_isToldOnceTheContainersHaveEndedAndWhileThePodIsThere() throws Exception {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("app", "sleep", "1000");
      plugin.order("{'on': 'StopPodSandbox', 'hold': true}");
      CompletableFuture<Void> stopping = CompletableFuture.runAsync(() -> stop(pod.id()));
      JsonNode told = plugin.await("StopPodSandbox", pod.id());

      assertEquals(ContainerState.CONTAINER_EXITED, pod.status(container).getState());
      assertTrue(plugin.callsAbout(container).contains("StopContainer"));
      assertEquals(pod.id(), pod.status().getId());
      assertTrue(told.at("/pod/ips/0").asText().startsWith("10."), told.toString());

      plugin.order("{'on': 'StopPodSandbox'}");
      stopping.get(30, TimeUnit.SECONDS);
    }
  }

  private static void stop(String pod) {
    node.cri()
        .runtime()
        .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build());
  }

  @Test
  void stopPodSandbox_isToldOnceHoweverOftenItIsAsked() {
    try (TestPod pod = TestPod.run(node)) {
      stop(pod.id());
      stop(pod.id());
      assertThrows(StatusRuntimeException.class, () -> pod.create("late", "sleep", "1000"));
      node.cri()
          .runtime()
          .removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.id()).build());

      // Calls about one pod come in order: nothing is on its way after the last.
      plugin.await("RemovePodSandbox", pod.id());
      assertEquals(
          List.of("RunPodSandbox", "StopPodSandbox", "RemovePodSandbox"),
          plugin.callsAbout(pod.id()));
      assertTrue(
          plugin.events().stream()
              .noneMatch(event -> event.get("event").asText().equals("CreateContainer")));
    }
  }

  @Test
  void container_isSeenByNobodyUntilThePluginHasAnswered() throws Exception {
    try (TestPod pod = TestPod.run(node)) {
      plugin.order("{'on': 'CreateContainer', 'hold': true}");
      CompletableFuture<String> creating =
          CompletableFuture.supplyAsync(() -> pod.create("app", "sleep", "1000"));
      String id = plugin.await("CreateContainer").at("/container/id").asText();

      assertEquals("", node.crictl().out("ps", "-a", "-q"));
      assertThrows(StatusRuntimeException.class, () -> pod.status(id));

      plugin.order("{'on': 'CreateContainer'}");
      assertEquals(id, creating.get(30, TimeUnit.SECONDS));
      assertEquals(ContainerState.CONTAINER_CREATED, pod.status(id).getState());
    }
  }

  @Test
  void containerThatThePluginRefuses_leavesNothingAndCanBeTriedAgain() {
    try (TestPod pod = TestPod.run(node)) {
      plugin.order("{'on': 'CreateContainer', 'fail': 'no device', 'once': true}");

      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> pod.create("app", "sleep", "1000"));

      assertTrue(refused.getMessage().contains("no device"), refused.getMessage());
      assertEquals("", node.crictl().out("ps", "-a", "-q"));
      String attempted = plugin.await("CreateContainer").at("/container/id").asText();
      assertEquals(
          List.of("CreateContainer", "StopContainer", "RemoveContainer"),
          plugin.callsAbout(attempted));

      String container = pod.run("app", "sleep", "1000");
      pod.stop(container, Duration.ZERO);
      pod.remove(container);
    }
  }

  @Test
  void updateOfAPodsResources_isToldBeforeAndAfterAndMayBeRefused() {
    // Its cgroup is the node's own, which goes with the node.
    try (TestPod pod = TestPod.run(node)) {
      update(pod.id(), 500);

      JsonNode told = plugin.await("UpdatePodSandbox", pod.id());
      assertEquals("500", told.at("/resources/cpu/shares/value").asText());
      JsonNode after = plugin.await("PostUpdatePodSandbox", pod.id());
      assertEquals("500", after.at("/pod/linux/podResources/cpu/shares/value").asText());

      plugin.order("{'on': 'UpdatePodSandbox', 'fail': 'too much'}");
      StatusRuntimeException refused =
          assertThrows(StatusRuntimeException.class, () -> update(pod.id(), 600));
      assertTrue(refused.getMessage().contains("too much"), refused.getMessage());
      assertEquals(1, plugin.await("PostUpdatePodSandbox", 1).size());
    }
  }

  private static void update(String pod, long shares) {
    node.cri()
        .runtime()
        .updatePodSandboxResources(
            UpdatePodSandboxResourcesRequest.newBuilder()
                .setPodSandboxId(pod)
                .setResources(LinuxContainerResources.newBuilder().setCpuShares(shares))
                .build());
  }

  @Test
  void pluginThatComesLater_isToldOfWhatThereIsAndOfWhatComes() {
    try (TestPod pod = TestPod.run(node)) {
      String before = pod.run("before", "sleep", "1000");
      try (NriPlugin later = NriPlugin.connect(socket(), "20", "later")) {
        JsonNode told = later.await("Synchronize");
        assertTrue(NriPlugin.texts(told.get("pods")).contains(pod.id()), told.toString());
        assertTrue(NriPlugin.texts(told.get("containers")).contains(before), told.toString());

        String after = pod.run("after", "sleep", "1000");
        assertTrue(later.callsAbout(after).contains("CreateContainer"));
      }
    }
  }

  @Test
  void noContainerIsLost_whenAPluginComesWhileSomeAreMade() throws Exception {
    try (TestPod pod = TestPod.run(node)) {
      List<String> all = new ArrayList<>();
      all.add(pod.run("before", "sleep", "1000"));
      // One is being made, and the first plugin has been asked about it already.
      plugin.order("{'on': 'CreateContainer', 'hold': true}");
      CompletableFuture<String> inFlight =
          CompletableFuture.supplyAsync(() -> pod.run("in-flight", "sleep", "1000"));
      plugin.await("CreateContainer", 2);

      try (NriPlugin later = NriPlugin.start(socket(), "20", "later")) {
        later.order("{'on': 'Synchronize', 'hold': true}");
        JsonNode told = later.await("Synchronize");
        List<CompletableFuture<String>> during = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
          String name = "during-" + i;
          during.add(CompletableFuture.supplyAsync(() -> pod.run(name, "sleep", "1000")));
        }
        plugin.order("{'on': 'CreateContainer'}");
        plugin.await("CreateContainer", 5);
        later.order("{'on': 'Synchronize'}");
        all.add(inFlight.get(30, TimeUnit.SECONDS));
        for (CompletableFuture<String> one : during) {
          all.add(one.get(30, TimeUnit.SECONDS));
        }
        all.add(pod.run("after", "sleep", "1000"));

        for (String container : all) {
          assertTrue(later.knows(container), container + " is lost; told: " + told);
        }
      }
    }
  }
}
