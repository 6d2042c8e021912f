package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerStatsRequest;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.UpdateContainerResourcesRequest;
import io.gantry.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.node.UnifiedCgroup;
import io.gantry.tests.tools.Eventually;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Where processes are in the one tree of cgroup v2, what they see of it, and what it tells. */
@Tag("root")
@Tag("vm")
class UnifiedTreeVmIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final long MIB = 1 << 20;
  private static final Duration SOON = Duration.ofSeconds(30);

  private TestPod pod;

  @BeforeEach
  void runPod() {
    String parent = node.directory().cgroupParent() + "/pod";
    pod =
        TestPod.run(
            node,
            Configs.podSecurity(security -> security.setPrivileged(true))
                .andThen(
                    config ->
                        config.setLinux(config.getLinux().toBuilder().setCgroupParent(parent))));
  }

  @AfterEach
  void removePodAndItsCgroup() throws IOException {
    pod.close();
    // It is whoever names the parent that removes it.
    Files.deleteIfExists(podsCgroup().directory());
  }

  private static UnifiedCgroup podsCgroup() {
    return UnifiedCgroup.at(node.directory().cgroupParent() + "/pod");
  }

  @Test
  void firstProcess_isBornInItsCgroup() {
    String container =
        pod.create(
            "app",
            Configs.resources(limits -> limits.putUnified("pids.max", "0"))
                .andThen(config -> config.addCommand("true")));

    // A process that is made elsewhere and moved there would pass: only forks are held against
    // pids.max (kernel, cgroup-v2 document).
    assertThrows(StatusRuntimeException.class, () -> pod.start(container));
  }

  @Test
  void container_seesItsCgroupAsTheRootAndCannotWriteIt() {
    String container = pod.run("app", "sh", "-c", "cat /proc/self/cgroup; sleep 1000");

    pod.awaitLog("app", log -> log.stdout().equals("0::/\n"));
    assertEquals("/" + node.directory().name() + "/pod/" + container, cgroup(container).path());
    String processes = pod.execOutput(container, "cat", "/sys/fs/cgroup/cgroup.procs");
    assertTrue(processes.lines().anyMatch("1"::equals), processes);
    assertNotEquals(0, pod.exec(container, "mkdir", "/sys/fs/cgroup/mine").getExitCode());
  }

  @Test
  void exec_isCountedWithItsContainer() {
    String container = pod.run("app", "sleep", "1000");
    UnifiedCgroup cgroup = cgroup(container);
    long before = cgroup.field("cpu.stat", "usage_usec");

    pod.execOutput(container, "sh", "-c", "i=0; while [ $i -lt 2000 ]; do i=$((i+1)); done");

    assertTrue(cgroup.field("cpu.stat", "usage_usec") - before > 1000);
    // Its own part of the cgroup goes with it.
    Eventually.holds(
        "no cgroup of the exec stays",
        SOON,
        () -> assertFalse(cgroup.child("gantry-exec-1").exists()));
  }

  @Test
  void delegatedCgroup_canBeDividedAndGantryGoesOnWithIt() {
    String container = pod.create("app", UnifiedTreeVmIT::divider);
    pod.start(container);
    pod.awaitLog("app", log -> log.stdout().contains("divided"));
    UnifiedCgroup cgroup = cgroup(container).parent();

    // No process may be in a cgroup whose controllers are passed on, so this is the hard part.
    assertTrue(cgroup.read("cgroup.subtree_control").contains("memory"));
    assertEquals("from exec", pod.execOutput(container, "echo", "from exec").strip());

    node.cri()
        .runtime()
        .updateContainerResources(
            UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(container)
                .setLinux(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(200 * MIB))
                .build());
    assertEquals(Long.toString(200 * MIB), cgroup.read("memory.max"));

    assertTrue(
        node.cri()
                .runtime()
                .containerStats(
                    ContainerStatsRequest.newBuilder().setContainerId(container).build())
                .getStats()
                .getMemory()
                .getUsageBytes()
                .getValue()
            > 0);

    pod.stop(container, Duration.ZERO);
    pod.remove(container);
    assertFalse(cgroup.exists(), cgroup::toString);
  }

  private static void divider(ContainerConfig.Builder config) {
    Configs.security(security -> security.setPrivileged(true)).accept(config);
    config
        .addCommand("sh")
        .addArgs("-c")
        .addArgs(
            // Its own cgroup, whether or not it sees that as the root.
            """
            own=/sys/fs/cgroup$(sed s/0::// /proc/self/cgroup)
            mkdir "$own/leaf" &&
            echo $$ >"$own/leaf/cgroup.procs" &&
            echo "+memory +pids" >"$own/cgroup.subtree_control" &&
            echo divided
            sleep 1000 & sleep 1000
            """);
  }

  @Test
  void updateOfThePod_isThePodsCgroups() {
    pod.run("app", "sleep", "1000");
    UnifiedCgroup cgroup = podsCgroup();

    updatePod(
        LinuxContainerResources.newBuilder()
            .setMemoryLimitInBytes(300 * MIB)
            .setCpuQuota(150_000)
            .setCpuPeriod(100_000)
            .setCpuShares(1024)
            .build());

    assertEquals(Long.toString(300 * MIB), cgroup.read("memory.max"));
    assertEquals("150000 100000", cgroup.read("cpu.max"));
    assertEquals("100", cgroup.read("cpu.weight"));

    // In place again, while the container runs.
    updatePod(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(250 * MIB).build());

    assertEquals(Long.toString(250 * MIB), cgroup.read("memory.max"));
    assertEquals("150000 100000", cgroup.read("cpu.max"));
  }

  private void updatePod(LinuxContainerResources resources) {
    node.cri()
        .runtime()
        .updatePodSandboxResources(
            UpdatePodSandboxResourcesRequest.newBuilder()
                .setPodSandboxId(pod.id())
                .setResources(resources)
                .build());
  }

  @Test
  void stats_tellPressure() {
    String container =
        pod.run(
            "app",
            Configs.resources(limits -> limits.setCpuQuota(5_000).setCpuPeriod(100_000))
                .andThen(
                    config ->
                        config.addCommand("sh").addArgs("-c").addArgs("while :; do :; done")));

    var cpu =
        Eventually.get(
            "pressure by want of CPU time",
            SOON,
            () ->
                node.cri()
                    .runtime()
                    .containerStats(
                        ContainerStatsRequest.newBuilder().setContainerId(container).build())
                    .getStats()
                    .getCpu(),
            now -> now.getPsi().getSome().getTotal() > 0 && now.getPsi().getFull().getTotal() > 0);

    // Microseconds, as the kernel has them.
    String line = cgroup(container).read("cpu.pressure").lines().findFirst().orElseThrow();
    long kernels = Long.parseLong(line.replaceFirst(".*total=", ""));
    assertTrue(cpu.getPsi().getSome().getTotal() <= kernels, line);
    assertTrue(cpu.getUsageCoreNanoSeconds().getValue() > 0);
  }

  @Test
  void stats_areTheCgroupsFiles() {
    String container =
        pod.run("app", "sh", "-c", "dd if=/dev/zero of=/f bs=1M count=8; sleep 1000");
    pod.awaitLog("app", log -> log.stderr().contains("records out"));

    var memory =
        node.cri()
            .runtime()
            .containerStats(ContainerStatsRequest.newBuilder().setContainerId(container).build())
            .getStats()
            .getMemory();

    UnifiedCgroup cgroup = cgroup(container);
    long now = Long.parseLong(cgroup.read("memory.current"));
    assertTrue(Math.abs(now - memory.getUsageBytes().getValue()) < 4 * MIB, memory + ", " + now);
    assertTrue(memory.getUsageBytes().getValue() > 8 * MIB, memory.toString());
    assertTrue(memory.getPageFaults().getValue() > 0, memory.toString());
  }

  private UnifiedCgroup cgroup(String container) {
    return UnifiedCgroup.of(pod.pid(container));
  }
}
