package io.gantry.cri.pod;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.CgroupTree;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A pod's limits on the real kernel, and their sum without one. */
@Timeout(60)
class PodLimitsTest {
  private static final String PARENT = "/gantry-pod-limits-test";
  private static final LinuxContainerResources NONE = LinuxContainerResources.getDefaultInstance();

  @TempDir private Path directory;
  private PodRig rig;

  @BeforeEach
  void start() throws Exception {
    if ("root".equals(System.getProperty("user.name"))) {
      rig = new PodRig(directory);
    }
  }

  @AfterEach
  void stop() throws Exception {
    if (rig != null) {
      rig.close();
      CgroupTree.open(Linux.open()).at(PARENT).remove();
    }
  }

  private static LinuxContainerResources limits(long memory, long shares, long quota) {
    return LinuxContainerResources.newBuilder()
        .setMemoryLimitInBytes(memory)
        .setCpuShares(shares)
        .setCpuQuota(quota)
        .build();
  }

  @Test
  void sum_isContainersAndOverhead() {
    LinuxContainerResources sum =
        PodLimits.sum(
            LinuxContainerResources.newBuilder()
                .setMemoryLimitInBytes(10)
                .setCpuShares(20)
                .setCpuQuota(5_000)
                .setCpuPeriod(50_000)
                .build(),
            limits(1000, 100, 50_000));

    assertEquals(1010, sum.getMemoryLimitInBytes());
    assertEquals(120, sum.getCpuShares());
    assertEquals(60_000, sum.getCpuQuota());
  }

  @Test
  void sum_leavesUnlimitedWhatTheContainersAreNotLimitedIn() {
    assertEquals(NONE, PodLimits.sum(limits(10, 20, 30), NONE));
  }

  private String run(String parent) {
    Assumptions.assumeTrue(rig != null, "needs root");
    PodSandboxConfig.Builder pod = PodRig.hostPod("web");
    return rig.run(pod.setLinux(pod.getLinux().toBuilder().setCgroupParent(parent)));
  }

  private void update(
      String pod, LinuxContainerResources overhead, LinuxContainerResources limits) {
    rig.cri.updatePodSandboxResources(
        UpdatePodSandboxResourcesRequest.newBuilder()
            .setPodSandboxId(pod)
            .setOverhead(overhead)
            .setResources(limits)
            .build());
  }

  @Test
  @Tag("root")
  void update_writesThePodsCgroupAndIsRememberedOverARestart() throws Exception {
    String id = run(PARENT);

    update(id, limits(1 << 20, 24, 0), limits(63 << 20, 1000, 0));

    assertEquals(Long.toString(64 << 20), memoryLimit());
    rig.start();
    var config = rig.pods.find(id).orElseThrow().config();
    assertEquals(63 << 20, config.getLinux().getResources().getMemoryLimitInBytes());
    assertEquals(24, config.getLinux().getOverhead().getCpuShares());

    // What a second change does not set stays.
    update(id, NONE, limits(0, 500, 0));
    assertEquals(Long.toString(64 << 20), memoryLimit());
  }

  private static String memoryLimit() throws IOException {
    for (Cgroup.View view : CgroupTree.open(Linux.open()).at(PARENT).views()) {
      for (String file : new String[] {"memory.limit_in_bytes", "memory.max"}) {
        Path limit = Path.of(view.directory(), file);
        if (Files.exists(limit)) {
          return Files.readString(limit).strip();
        }
      }
    }
    throw new AssertionError("no memory limit below " + PARENT);
  }

  @Test
  @Tag("root")
  void updateThatTheKernelRefuses_changesNothing() throws Exception {
    String id = run(PARENT);
    update(id, NONE, limits(64 << 20, 0, 0));

    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class,
            () ->
                update(
                    id, NONE, LinuxContainerResources.newBuilder().setCpusetCpus("9999").build()));

    assertTrue(refused.getMessage().contains("update resources of pod"), refused.getMessage());
    assertEquals(
        "", rig.pods.find(id).orElseThrow().config().getLinux().getResources().getCpusetCpus());
    assertEquals(Long.toString(64 << 20), memoryLimit());
  }

  @Test
  @Tag("root")
  void podWithoutACgroupOfItsOwn_isRefusedInWords() {
    String id = run("");

    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> update(id, NONE, limits(64 << 20, 0, 0)));

    assertEquals(Status.Code.FAILED_PRECONDITION, refused.getStatus().getCode());
    assertTrue(refused.getMessage().contains("cgroup_parent"), refused.getMessage());
  }

  @Test
  @Tag("root")
  void unknownPod_isNotFound() {
    Assumptions.assumeTrue(rig != null, "needs root");
    StatusRuntimeException refused =
        assertThrows(StatusRuntimeException.class, () -> update("none", NONE, NONE));

    assertEquals(Status.Code.NOT_FOUND, refused.getStatus().getCode());
  }
}
