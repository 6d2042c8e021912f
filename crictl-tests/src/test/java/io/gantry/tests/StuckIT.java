package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ListContainersRequest;
import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.StatusRequest;
import io.gantry.proto.cri.v1.StopContainerRequest;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.SilentFileSystem;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What hangs, be it a plugin, a volume or a shim, stops its own pod alone: others go on, lists and
 * statuses answer, and once the obstacle is gone the pod can be removed.
 */
@Tag("root")
class StuckIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final String STUCK = "stuck-pod";
  private static final long SOON_SECONDS = 10;

  /** A daemon whose network has one more plugin, which waits while a file is there. */
  @BeforeAll
  static void addAPluginThatMayHang() throws IOException {
    assumeTrue(TestNode.isGantry(), "configured as gantry is");
    Path plugins = Files.createDirectory(node.directory().path().resolve("plugins"));
    Path plugin = plugins.resolve("may-hang");
    Files.writeString(
        plugin,
        """
        #!/bin/sh
        cat >/dev/null
        case "$CNI_COMMAND $CNI_ARGS" in
          ADD*%s*) while [ -e %s ]; do sleep 0.05; done ;;
        esac
        echo '{"cniVersion":"1.0.0"}'
        """
            .formatted(STUCK, obstacle()));
    Files.setPosixFilePermissions(plugin, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path network = node.directory().cniConfiguration().resolve("10-test.conflist");
    Files.writeString(
        network,
        Files.readString(network)
            .replace("\"plugins\": [", "\"plugins\": [{\"type\":\"may-hang\"},"));
    Path configuration = node.directory().path().resolve("gantry.toml");
    Files.writeString(
        configuration,
        Files.readString(configuration)
            .replace(
                "[cni]",
                "[cni]\nbin_dirs = [\"%s\", \"/opt/cni/bin\", \"/usr/lib/cni\"]\ntimeout = \"15s\""
                    .formatted(plugins)));
    node.runtime().stop();
    node.startAgain();
  }

  @AfterEach
  void removePods() throws IOException {
    Files.deleteIfExists(obstacle());
    node.removeAllPods();
  }

  @Test
  void hangingPlugin_holdsUpItsOwnPodAlone() throws Exception {
    Files.createFile(obstacle());
    CompletableFuture<TestPod> stuck = CompletableFuture.supplyAsync(StuckIT::runStuckPod);

    othersGoOn();
    assertTrue(!stuck.isDone(), "it hangs");

    Files.delete(obstacle());
    stuck.get(30, TimeUnit.SECONDS).close();
  }

  @Test
  void pluginThatHangsForEver_isKilledAndNamed() throws Exception {
    Files.createFile(obstacle());

    CompletionException failure =
        assertThrows(
            CompletionException.class, CompletableFuture.supplyAsync(StuckIT::runStuckPod)::join);

    assertTrue(failure.getMessage().contains("may-hang"), failure::getMessage);
    assertTrue(failure.getMessage().contains("15 s"), failure::getMessage);
    assertEquals("", node.crictl().out("pods", "-q"));
  }

  @Test
  void stoppedShim_holdsUpItsOwnContainerAlone() {
    TestPod pod = TestPod.run(node);
    String container = pod.run("app", "sleep", "1000");
    ProcessHandle shim =
        ProcessHandle.of(pod.pid(container)).flatMap(ProcessHandle::parent).orElseThrow();
    signal("STOP", shim);
    try {
      assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
      othersGoOn();
      StatusRuntimeException gaveUp =
          assertThrows(
              StatusRuntimeException.class,
              () ->
                  node.cri()
                      .runtime()
                      .withDeadlineAfter(1, TimeUnit.SECONDS)
                      .stopContainer(
                          StopContainerRequest.newBuilder().setContainerId(container).build()));
      assertEquals(Status.Code.DEADLINE_EXCEEDED, gaveUp.getStatus().getCode());
      othersGoOn();
    } finally {
      signal("CONT", shim);
    }
    pod.close();
    assertEquals("", node.crictl().out("pods", "-q"));
  }

  @Test
  void killedShim_isNoticedAndItsContainerEnded() {
    TestPod pod = TestPod.run(node);
    String container = pod.run("app", "sleep", "1000");
    ProcessHandle process = ProcessHandle.of(pod.pid(container)).orElseThrow();
    ProcessHandle shim = process.parent().orElseThrow();

    shim.destroyForcibly();

    assertEquals("ContainerStatusUnknown", pod.awaitExit(container).getReason());
    Eventually.holds(
        "its process is killed", Duration.ofSeconds(20), () -> assertTrue(!process.isAlive()));
    othersGoOn();
    pod.close();
  }

  @Test
  void hangingVolume_holdsUpItsOwnPodAlone() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/fuse")), "needs /dev/fuse");
    Path volume = Files.createDirectories(node.directory().scratch().resolve("volume"));
    TestPod pod = TestPod.run(node);
    CompletableFuture<String> stuck;
    SilentFileSystem silent = SilentFileSystem.at(volume);
    try {
      stuck =
          CompletableFuture.supplyAsync(
              () ->
                  pod.create(
                      "app",
                      config ->
                          config
                              .addCommand("true")
                              .addMounts(
                                  Mount.newBuilder()
                                      .setHostPath(volume.resolve("data").toString())
                                      .setContainerPath("/data"))));
      othersGoOn();
      assertTrue(!stuck.isDone(), "it hangs");
    } finally {
      silent.close();
    }
    assertThrows(Exception.class, () -> stuck.get(30, TimeUnit.SECONDS));
    pod.close();
    assertEquals("", node.crictl().out("pods", "-q"));
  }

  @Test
  void hangingNetworkDirectory_isToldByStatus_whichAnswers() {
    assumeTrue(Files.exists(Path.of("/dev/fuse")), "needs /dev/fuse");
    var runtime = node.cri().runtime();
    StatusRequest verbose = StatusRequest.newBuilder().setVerbose(true).build();
    String known = runtime.status(verbose).getInfoOrThrow("cniconfig");
    SilentFileSystem silent = SilentFileSystem.at(node.directory().cniConfiguration());
    try {
      for (StatusRequest request : List.of(StatusRequest.getDefaultInstance(), verbose)) {
        var answer = runtime.withDeadlineAfter(SOON_SECONDS, TimeUnit.SECONDS).status(request);
        var network = answer.getStatus().getConditions(1);
        assertEquals("NetworkReady", network.getType());
        assertFalse(network.getStatus());
        assertTrue(network.getMessage().contains("does not answer"), network::getMessage);
        assertTrue(answer.getStatus().getConditions(0).getStatus(), "the runtime is ready");
        assertEquals(request.getVerbose() ? known : "", answer.getInfoOrDefault("cniconfig", ""));
      }
      runtime
          .withDeadlineAfter(SOON_SECONDS, TimeUnit.SECONDS)
          .listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
    } finally {
      silent.close();
    }
    Eventually.holds("the network is ready again", Duration.ofSeconds(20), StuckIT::othersGoOn);
  }

  /** A pod runs and goes, and everybody gets to know what there is. */
  private static void othersGoOn() {
    var runtime = node.cri().runtime().withDeadlineAfter(SOON_SECONDS, TimeUnit.SECONDS);
    runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance());
    runtime.listContainers(ListContainersRequest.getDefaultInstance());
    var status = runtime.status(StatusRequest.getDefaultInstance()).getStatus();
    assertTrue(
        status.getConditionsList().stream().allMatch(is -> is.getStatus()), status::toString);
    try (TestPod other = TestPod.run(node)) {
      String container = other.run("other", "sleep", "1000");
      assertEquals("there\n", other.execOutput(container, "echo", "there"));
      other.stop(container, Duration.ZERO);
    }
  }

  private static TestPod runStuckPod() {
    return TestPod.run(
        node, config -> config.setMetadata(config.getMetadata().toBuilder().setName(STUCK)));
  }

  private static Path obstacle() {
    return node.directory().path().resolve("obstacle");
  }

  private static void signal(String name, ProcessHandle process) {
    Command.of("kill", "-" + name, Long.toString(process.pid())).run().orFail();
  }
}
