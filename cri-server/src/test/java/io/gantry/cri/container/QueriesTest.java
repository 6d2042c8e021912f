package io.gantry.cri.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.shims.ExecSyncResult;
import io.gantry.cri.shims.OutputMemory;
import io.gantry.proto.cri.v1.ContainerFilter;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ContainerStateValue;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.proto.cri.v1.ContainerStatusRequest;
import io.gantry.proto.cri.v1.ExecSyncRequest;
import io.gantry.proto.cri.v1.ExecSyncResponse;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.ListContainersRequest;
import io.gantry.proto.cri.v1.ReopenContainerLogRequest;
import io.gantry.proto.cri.v1.Signal;
import io.gantry.proto.cri.v1.UpdateContainerResourcesRequest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueriesTest {
  private static final long NOW_NANOS = Rig.NOW.getEpochSecond() * 1_000_000_000L;

  @TempDir Path directory;
  private Rig rig;

  @BeforeEach
  void setUp() throws Exception {
    rig = new Rig(directory);
  }

  @Test
  void status_ofACreatedContainer() throws Exception {
    ContainerStatus status = status(rig.created(Rig.config("web").putLabels("a", "b").build()));
    assertEquals(ContainerState.CONTAINER_CREATED, status.getState());
    assertEquals(NOW_NANOS, status.getCreatedAt());
    assertEquals(0, status.getStartedAt());
    assertEquals(0, status.getFinishedAt());
    assertEquals("docker.io/library/busybox:latest", status.getImage().getImage());
    assertEquals("docker.io/library/busybox@" + FakeImages.ID, status.getImageRef());
    assertEquals(FakeImages.ID.toString(), status.getImageId());
    assertEquals(Signal.SIGNAL_SIGTERM, status.getStopSignal());
    assertEquals(List.of(0L), status.getUser().getLinux().getSupplementalGroupsList());
    assertEquals("b", status.getLabelsMap().get("a"));
  }

  @Test
  void status_ofAnEndedContainer() throws Exception {
    Container container = rig.running("web");
    assertEquals(0, status(container).getFinishedAt());
    rig.shims.last().exit(3);
    ContainerStatus status = status(container);
    assertEquals(ContainerState.CONTAINER_EXITED, status.getState());
    assertEquals(NOW_NANOS, status.getStartedAt());
    assertEquals(NOW_NANOS + 60_000_000_000L, status.getFinishedAt());
    assertEquals(3, status.getExitCode());
    assertEquals("Error", status.getReason());
  }

  private ContainerStatus status(Container container) throws IOException {
    return new ContainerStatusHandler(rig.containers, rig.bundles)
        .handle(ContainerStatusRequest.newBuilder().setContainerId(container.id()).build())
        .getStatus();
  }

  @Test
  void status_verboseHoldsWhatToolsRead() throws Exception {
    Container container = rig.running("web");
    String text =
        new ContainerStatusHandler(rig.containers, rig.bundles)
            .handle(
                ContainerStatusRequest.newBuilder()
                    .setContainerId(container.id())
                    .setVerbose(true)
                    .build())
            .getInfoMap()
            .get("info");
    JsonNode info = new ObjectMapper().readTree(text);
    assertEquals(FakeShim.PID, info.path("pid").asInt());
    assertEquals(Rig.POD, info.path("sandboxID").asText());
    assertEquals("rootfs", info.path("runtimeSpec").path("root").path("path").asText());
    assertEquals("web", info.path("config").path("metadata").path("name").asText());
    assertEquals(container.id(), info.path("snapshotKey").asText());
    assertEquals("overlayfs", info.path("snapshotter").asText());
    assertEquals("io.containerd.gantry.v2", info.path("runtimeType").asText());
    assertTrue(info.path("removing").isBoolean());
  }

  @Test
  void status_ofTheUnknownIsNotFound() {
    CriException refused =
        assertThrows(
            CriException.class,
            () ->
                new ContainerStatusHandler(rig.containers, rig.bundles)
                    .handle(ContainerStatusRequest.newBuilder().setContainerId("nope").build()));
    assertEquals(Failure.NOT_FOUND, refused.failure());
  }

  @Test
  void list_filters() throws Exception {
    Container one = rig.created(Rig.config("one").putLabels("app", "x").build());
    Container two = rig.running("two");
    assertEquals(List.of(one.id(), two.id()).size(), list(ContainerFilter.newBuilder()).size());
    assertEquals(
        List.of(one.id()), list(ContainerFilter.newBuilder().setId(one.id().substring(0, 12))));
    assertEquals(
        List.of(two.id()),
        list(
            ContainerFilter.newBuilder()
                .setState(
                    ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_RUNNING))));
    assertEquals(
        List.of(one.id()),
        list(
            ContainerFilter.newBuilder()
                .setState(
                    ContainerStateValue.newBuilder().setState(ContainerState.CONTAINER_CREATED))));
    assertEquals(
        List.of(one.id()), list(ContainerFilter.newBuilder().putLabelSelector("app", "x")));
    assertEquals(List.of(), list(ContainerFilter.newBuilder().putLabelSelector("app", "y")));
    assertEquals(List.of(), list(ContainerFilter.newBuilder().setPodSandboxId("pod-2")));
    assertEquals(2, list(ContainerFilter.newBuilder().setPodSandboxId("pod-1")).size());
  }

  private List<String> list(ContainerFilter.Builder filter) {
    return new ListContainersHandler(rig.containers)
            .handle(ListContainersRequest.newBuilder().setFilter(filter).build())
            .getContainersList()
            .stream()
            .map(container -> container.getId())
            .toList();
  }

  @Test
  void find_takesAnUnambiguousPrefix() throws Exception {
    Container container = rig.created("web");
    assertEquals(container, rig.containers.find(container.id().substring(0, 10)).orElseThrow());
    assertTrue(rig.containers.find("").isEmpty());
  }

  @Test
  void execSync_givesOutputAndCode() throws Exception {
    Container container = rig.running("web");
    rig.shims.last().execResult =
        new ExecSyncResult(4, false, ByteString.copyFromUtf8("o"), ByteString.copyFromUtf8("e"));
    ExecSyncResponse response = execSync(container, 0);
    assertEquals("o", response.getStdout().toStringUtf8());
    assertEquals("e", response.getStderr().toStringUtf8());
    assertEquals(4, response.getExitCode());
  }

  @Test
  void execSync_overTimeIsDeadlineExceeded() throws Exception {
    Container container = rig.running("web");
    rig.shims.last().execResult = new ExecSyncResult(137, true, ByteString.EMPTY, ByteString.EMPTY);
    CriException failed = assertThrows(CriException.class, () -> execSync(container, 1));
    assertEquals(Failure.TIMED_OUT, failed.failure());
    assertEquals("timeout 1s exceeded: context deadline exceeded", failed.getMessage());
  }

  @Test
  void execSync_needsARunningContainer() throws Exception {
    Container container = rig.running("web");
    rig.shims.last().exit(0);
    CriException failed = assertThrows(CriException.class, () -> execSync(container, 0));
    assertTrue(failed.getMessage().endsWith("container is in CONTAINER_EXITED state"));
  }

  private final OutputMemory memory = new OutputMemory(1000);
  private final List<Runnable> callEnds = new ArrayList<>();

  @Test
  void execSync_holdsItsOutputUntilTheCallIsOver() throws Exception {
    Container container = rig.running("web");
    rig.shims.last().execOutputBytes = 600;
    execSync(container, 0);
    assertFalse(memory.share().take(600), "held");
    callEnds.forEach(Runnable::run);
    assertTrue(memory.share().take(600), "given back");
  }

  private ExecSyncResponse execSync(Container container, long timeout) throws Exception {
    return new ExecSyncHandler(
            new RunningContainers(rig.containers),
            new ExecProcesses(rig.bundles, rig.specs, rig.images.snapshots),
            () -> 100,
            memory,
            callEnds::add)
        .handle(
            ExecSyncRequest.newBuilder()
                .setContainerId(container.id())
                .addCmd("ls")
                .setTimeout(timeout)
                .build());
  }

  @Test
  void execProcess_isTheFirstOneWithAnotherCommand() throws Exception {
    Container container = rig.running("web");
    var first = rig.bundles.spec(container.id()).orElseThrow().process().orElseThrow();
    var process =
        new ExecProcesses(rig.bundles, rig.specs, rig.images.snapshots)
            .of(container, List.of("ls", "-l"), true);
    assertEquals(List.of("ls", "-l"), process.args());
    assertEquals(first.user(), process.user());
    assertEquals(first.capabilities(), process.capabilities());
    assertTrue(process.terminal());
    assertTrue(process.env().contains("TERM=xterm"));
  }

  @Test
  void reopenLog_needsARunningContainer() throws Exception {
    Container container = rig.created("web");
    ReopenContainerLogHandler handler =
        new ReopenContainerLogHandler(new RunningContainers(rig.containers));
    assertThrows(
        CriException.class,
        () ->
            handler.handle(
                ReopenContainerLogRequest.newBuilder().setContainerId(container.id()).build()));
  }

  @Test
  void update_appliesTheChangeAndRemembersTheWhole() throws Exception {
    Container container = rig.running("web");
    update(container, LinuxContainerResources.newBuilder().setCpuShares(5));
    update(container, LinuxContainerResources.newBuilder().setMemoryLimitInBytes(1 << 20));
    assertTrue(rig.shims.last().lastUpdate.contains("1048576"), rig.shims.last().lastUpdate);
    assertEquals(
        LinuxContainerResources.newBuilder().setCpuShares(5).setMemoryLimitInBytes(1 << 20).build(),
        container.record().resources());
  }

  @Test
  void update_refusedByTheShimChangesNothing() throws Exception {
    Container container = rig.running("web");
    rig.shims.last().hook =
        call -> {
          throw FakeShim.refuse("memory.limit_in_bytes: EBUSY");
        };
    assertThrows(
        IOException.class,
        () -> update(container, LinuxContainerResources.newBuilder().setCpuShares(5)));
    assertEquals(LinuxContainerResources.getDefaultInstance(), container.record().resources());
  }

  private void update(Container container, LinuxContainerResources.Builder change)
      throws Exception {
    new UpdateContainerResourcesHandler(
            new LimitChanges(rig.containers, ContainerHooks.NONE, CgroupUpkeep.NONE))
        .handle(
            UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(container.id())
                .setLinux(change)
                .build());
  }
}
