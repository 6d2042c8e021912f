package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ContainerStatsRequest;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.RuntimeConfigRequest;
import io.gantry.proto.cri.v1.UpdateContainerResourcesRequest;
import io.gantry.proto.cri.v1.UpdatePodSandboxResourcesRequest;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.CgroupDriver;
import io.gantry.tests.node.Service;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.node.UnifiedCgroup;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Cgroups made by systemd: pods are slices as a kubelet names them, containers scopes in them. */
@Tag("root")
@Tag("vm")
class SystemdCgroupsVmIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox().with(CgroupDriver.SYSTEMD);

  private static final long MIB = 1 << 20;
  private static final Duration SOON = Duration.ofSeconds(30);

  private String slice;
  private TestPod pod;

  @BeforeEach
  void runPod() {
    // As the kubelet writes a uid in a slice's name.
    String uid = UUID.randomUUID().toString().replace('-', '_');
    slice = "gantrytests-burstable-pod" + uid + ".slice";
    pod =
        TestPod.run(
            node,
            Configs.cgroupParent(slice)
                .andThen(Configs.podSecurity(security -> security.setPrivileged(true))));
  }

  @AfterEach
  void removePod() {
    pod.close();
    // A kubelet removes the slices that it named.
    Service.systemctl("stop", "gantrytests.slice");
  }

  private static String scope(String container) {
    return "cri-gantry-" + container + ".scope";
  }

  private String run() {
    return pod.run("app", "sleep", "1000");
  }

  private static String property(String unit, String name) {
    return Service.systemctl("show", "--property", name, "--value", unit).strip();
  }

  @Test
  void kubelet_isToldOfTheDriver() {
    assertEquals(
        io.gantry.proto.cri.v1.CgroupDriver.SYSTEMD,
        node.cri()
            .runtime()
            .runtimeConfig(RuntimeConfigRequest.getDefaultInstance())
            .getLinux()
            .getCgroupDriver());
  }

  @Test
  void container_isAScopeInItsPodsSlice_untilItIsRemoved() {
    String container = run();

    UnifiedCgroup cgroup = UnifiedCgroup.of(pod.pid(container));
    assertEquals(
        "/gantrytests.slice/gantrytests-burstable.slice/" + slice + "/" + scope(container),
        cgroup.path());
    assertEquals("active", property(scope(container), "ActiveState"));
    assertEquals(slice, property(scope(container), "Slice"));
    assertEquals("yes", property(scope(container), "Delegate"));

    pod.stop(container, Duration.ZERO);
    pod.remove(container);

    assertFalse(cgroup.exists(), cgroup::toString);
    assertEquals("inactive", property(scope(container), "ActiveState"));
  }

  @Test
  void limits_areInTheFilesAndInTheUnit_andOutliveAReloadOfSystemd() {
    String container =
        pod.run(
            "app",
            Configs.resources(
                    limits ->
                        limits
                            .setMemoryLimitInBytes(64 * MIB)
                            .setMemorySwapLimitInBytes(64 * MIB)
                            .setCpuQuota(50_000)
                            .setCpuPeriod(100_000)
                            .setCpuShares(2048)
                            .setCpusetCpus("0")
                            .putUnified("memory.high", Long.toString(48 * MIB))
                            .putUnified("pids.max", "77")
                            .putUnified("memory.oom.group", "1"))
                .andThen(config -> config.addCommand("sleep").addArgs("1000")));
    UnifiedCgroup cgroup = UnifiedCgroup.of(pod.pid(container));

    assertLimits(cgroup);
    // systemd has no setting of it for scopes before 253, and resets it when it reloads.
    assertEquals("1", cgroup.read("memory.oom.group"));
    assertEquals(Long.toString(64 * MIB), property(scope(container), "MemoryMax"));
    assertEquals(Long.toString(48 * MIB), property(scope(container), "MemoryHigh"));
    assertEquals("0", property(scope(container), "MemorySwapMax"));
    assertEquals("500ms", property(scope(container), "CPUQuotaPerSecUSec"));
    assertEquals("77", property(scope(container), "TasksMax"));
    assertEquals("0", property(scope(container), "AllowedCPUs"));

    // It writes all that it knows of into the files again.
    Service.systemctl("daemon-reload");

    assertLimits(cgroup);
  }

  private static void assertLimits(UnifiedCgroup cgroup) {
    assertEquals(Long.toString(64 * MIB), cgroup.read("memory.max"));
    assertEquals(Long.toString(48 * MIB), cgroup.read("memory.high"));
    assertEquals("0", cgroup.read("memory.swap.max"));
    assertEquals("50000 100000", cgroup.read("cpu.max"));
    assertEquals("174", cgroup.read("cpu.weight"));
    assertEquals("0", cgroup.read("cpuset.cpus"));
    assertEquals("77", cgroup.read("pids.max"));
  }

  @Test
  void update_ofContainerAndPod_isInFilesAndUnits() {
    String container = run();
    UnifiedCgroup cgroup = UnifiedCgroup.of(pod.pid(container));

    node.cri()
        .runtime()
        .updateContainerResources(
            UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(container)
                .setLinux(
                    LinuxContainerResources.newBuilder()
                        .setMemoryLimitInBytes(96 * MIB)
                        .setCpuQuota(20_000)
                        .setCpuPeriod(100_000))
                .build());
    node.cri()
        .runtime()
        .updatePodSandboxResources(
            UpdatePodSandboxResourcesRequest.newBuilder()
                .setPodSandboxId(pod.id())
                .setResources(
                    LinuxContainerResources.newBuilder()
                        .setMemoryLimitInBytes(300 * MIB)
                        .setCpuShares(1024))
                .build());
    Service.systemctl("daemon-reload");

    assertEquals(Long.toString(96 * MIB), cgroup.read("memory.max"));
    assertEquals("20000 100000", cgroup.read("cpu.max"));
    assertEquals(Long.toString(96 * MIB), property(scope(container), "MemoryMax"));
    assertEquals(Long.toString(300 * MIB), cgroup.parent().read("memory.max"));
    assertEquals("100", cgroup.parent().read("cpu.weight"));
    assertEquals(Long.toString(300 * MIB), property(slice, "MemoryMax"));
  }

  @Test
  void memoryThatRunsOut_isToldThoughTheScopeHasEnded() {
    String container =
        pod.run(
            "app",
            Configs.resources(limits -> limits.setMemoryLimitInBytes(64 * MIB))
                .andThen(config -> config.addCommand("tail").addArgs("/dev/zero")));

    ContainerStatus end = pod.awaitExit(container);

    assertEquals("OOMKilled", end.getReason());
    assertEquals(137, end.getExitCode());
  }

  @Test
  void statsAndExec_areOfTheScope() {
    String container = run();

    assertEquals("inside\n", pod.execOutput(container, "echo", "inside"));
    var stats =
        node.cri()
            .runtime()
            .containerStats(ContainerStatsRequest.newBuilder().setContainerId(container).build())
            .getStats();
    assertTrue(stats.getMemory().getUsageBytes().getValue() > 0, stats::toString);
    // What keeps the scope alive is no process of the container's.
    assertEquals(
        java.util.List.of(pod.pid(container)), UnifiedCgroup.of(pod.pid(container)).processes());
  }

  @Test
  void delegatedScope_canBeDivided() {
    String container =
        pod.run(
            "app",
            Configs.security(security -> security.setPrivileged(true))
                .andThen(
                    config ->
                        config
                            .addCommand("sh")
                            .addArgs("-c")
                            .addArgs(
                                """
                                own=/sys/fs/cgroup$(sed s/0::// /proc/self/cgroup)
                                mkdir "$own/leaf" &&
                                echo $$ >"$own/leaf/cgroup.procs" &&
                                echo "+memory +pids" >"$own/cgroup.subtree_control" &&
                                echo divided
                                sleep 1000
                                """)));

    pod.awaitLog("app", log -> log.stdout().contains("divided"));

    assertEquals("from exec\n", pod.execOutput(container, "echo", "from exec"));
  }

  @Test
  void scopeThatAnAdministratorStops_endsItsContainer() {
    String container = run();

    Command.of("systemctl", "stop", scope(container)).run().orFail();

    ContainerStatus end = pod.awaitExit(container);
    assertTrue(end.getExitCode() == 143 || end.getExitCode() == 137, end::toString);
  }

  @Test
  void restartedDaemon_goesOnWithItsScopes() {
    String container = run();
    long pid = pod.pid(container);

    node.runtime().kill();
    node.startAgain();

    assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
    assertEquals(pid, pod.pid(container));
    assertEquals("active", property(scope(container), "ActiveState"));
    UnifiedCgroup cgroup = UnifiedCgroup.of(pid);
    pod.stop(container, Duration.ZERO);
    pod.remove(container);
    Eventually.holds("the scope goes", SOON, () -> assertFalse(cgroup.exists()));
  }

  @Test
  void parentThatIsNoSlice_isRefusedByName() {
    StatusRuntimeException refused =
        assertThrows(
            StatusRuntimeException.class,
            () -> TestPod.run(node, Configs.cgroupParent("/kubepods/pod1")));

    String words = String.valueOf(refused.getStatus().getDescription());
    assertTrue(words.contains("/kubepods/pod1") && words.contains("not a slice"), words);
  }

  @Test
  void sharedPidNamespace_hasAScopeForItsOwnProcess() {
    String shared = "gantrytests-shared.slice";
    TestPod sharing =
        TestPod.run(node, Configs.cgroupParent(shared).andThen(Configs.pids(NamespaceMode.POD)));
    try {
      assertEquals("active", property(scope(sharing.id()), "ActiveState"));
    } finally {
      sharing.close();
    }
    assertEquals("inactive", property(scope(sharing.id()), "ActiveState"));
  }
}
