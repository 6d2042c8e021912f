package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.proto.cri.v1.HugepageLimit;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.UpdateContainerResourcesRequest;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.node.UnifiedCgroup;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Limits in cgroup v2, as its files have them and as a container feels them. */
@Tag("root")
@Tag("vm")
class UnifiedLimitsVmIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final long MIB = 1 << 20;

  private TestPod pod;

  @BeforeEach
  void runPod() {
    pod = TestPod.run(node);
  }

  @AfterEach
  void removePod() {
    pod.close();
  }

  @Test
  void memoryCpuAndCpuset_areInTheirFiles() {
    UnifiedCgroup cgroup =
        run(
            limits ->
                limits
                    .setMemoryLimitInBytes(64 * MIB)
                    .setMemorySwapLimitInBytes(80 * MIB)
                    .setCpuShares(1024)
                    .setCpuQuota(50_000)
                    .setCpuPeriod(200_000)
                    .setCpusetCpus("0")
                    .setCpusetMems("0"));

    assertEquals(Long.toString(64 * MIB), cgroup.read("memory.max"));
    // The request counts memory and swap together, the file swap alone.
    assertEquals(Long.toString(16 * MIB), cgroup.read("memory.swap.max"));
    assertEquals("50000 200000", cgroup.read("cpu.max"));
    assertEquals("100", cgroup.read("cpu.weight"));
    assertEquals("0", cgroup.read("cpuset.cpus"));
    assertEquals("0", cgroup.read("cpuset.mems"));
  }

  @Test
  void hugePages_areLimitedByCountAndByReservation() {
    UnifiedCgroup cgroup =
        run(
            limits ->
                limits.addHugepageLimits(
                    HugepageLimit.newBuilder().setPageSize("2MB").setLimit(4 * MIB)));

    assertEquals(Long.toString(4 * MIB), cgroup.read("hugetlb.2MB.max"));
    assertEquals(Long.toString(4 * MIB), cgroup.read("hugetlb.2MB.rsvd.max"));
  }

  @Test
  void unified_isWrittenAsGivenAndLast() {
    UnifiedCgroup cgroup =
        run(
            limits ->
                limits
                    .setMemoryLimitInBytes(64 * MIB)
                    .putAllUnified(
                        Map.of(
                            "memory.max", Long.toString(48 * MIB),
                            "memory.high", Long.toString(32 * MIB),
                            "memory.min", Long.toString(4 * MIB),
                            "memory.low", Long.toString(8 * MIB),
                            "memory.oom.group", "1",
                            "cpu.weight", "77",
                            "cpu.max.burst", "0",
                            "pids.max", "42",
                            "io.weight", "default 50")));

    assertEquals(Long.toString(48 * MIB), cgroup.read("memory.max"));
    assertEquals(Long.toString(32 * MIB), cgroup.read("memory.high"));
    assertEquals(Long.toString(4 * MIB), cgroup.read("memory.min"));
    assertEquals(Long.toString(8 * MIB), cgroup.read("memory.low"));
    assertEquals("1", cgroup.read("memory.oom.group"));
    assertEquals("77", cgroup.read("cpu.weight"));
    assertEquals("42", cgroup.read("pids.max"));
    assertEquals("default 50", cgroup.read("io.weight"));
  }

  @Test
  void unified_ofAFileThatIsNoLimitIsRefusedByName() {
    for (String file : new String[] {"cgroup.procs", "../memory.max", "memory.nothing"}) {
      StatusRuntimeException refused =
          assertThrows(
              StatusRuntimeException.class, () -> run(limits -> limits.putUnified(file, "1")));
      String words = String.valueOf(refused.getStatus().getDescription());
      assertTrue(words.contains(file), words);
    }
  }

  @Test
  void pids_areCounted() {
    String container =
        pod.run("app", with(limits -> limits.putUnified("pids.max", "10"), "sleep", "1000"));

    var exec =
        pod.exec(
            container,
            "sh",
            "-c",
            "for i in 1 2 3 4 5 6 7 8 9 10 11 12; do sleep 60 & done; kill $(jobs -p)");

    assertTrue(exec.getStderr().toStringUtf8().contains("can't fork"), exec.toString());
    assertTrue(UnifiedCgroup.of(pod.pid(container)).field("pids.events", "max") > 0);
  }

  @Test
  void memoryHigh_slowsDownAndDoesNotKill() {
    String container =
        pod.run(
            "app",
            with(
                limits ->
                    limits
                        .setMemoryLimitInBytes(128 * MIB)
                        .putUnified("memory.high", Long.toString(8 * MIB)),
                "sh",
                "-c",
                // Page cache counts, and can be taken back.
                "dd if=/dev/zero of=/file bs=1M count=32 && sleep 1000"));
    UnifiedCgroup cgroup = UnifiedCgroup.of(pod.pid(container));

    pod.awaitLog("app", log -> log.stderr().contains("32+0 records out"));

    assertTrue(cgroup.field("memory.events", "high") > 0, cgroup.read("memory.events"));
    assertEquals(0, cgroup.field("memory.events", "oom_kill"));
  }

  @Test
  void cpuMax_throttles() {
    String container =
        pod.run(
            "app",
            with(
                limits -> limits.setCpuQuota(10_000).setCpuPeriod(100_000),
                "sh",
                "-c",
                "while :; do :; done"));
    UnifiedCgroup cgroup = UnifiedCgroup.of(pod.pid(container));

    Eventually.get(
        "periods in which it was throttled",
        Duration.ofSeconds(20),
        () -> cgroup.field("cpu.stat", "nr_throttled"),
        throttled -> throttled > 5);
  }

  @Test
  void ioMax_slowsDownReadsFromTheDisk() throws IOException {
    Path file = node.directory().scratch().resolve("on-disk");
    Files.write(file, new byte[(int) (4 * MIB)]);
    Command.of("sync").run().orFail();
    Files.writeString(Path.of("/proc/sys/vm/drop_caches"), "1");
    // The whole disk's number: partitions cannot be limited.
    String disk = Command.of("stat", "-c", "%Hd:%Ld", file.toString()).run().orFail().stdout();
    Consumer<ContainerConfig.Builder> config =
        with(
            limits -> limits.putUnified("io.max", disk.strip() + " rbps=1048576"),
            "sh",
            "-c",
            "time cat /on-disk >/dev/null; sleep 1000");
    String container =
        pod.run(
            "app",
            config.andThen(
                c ->
                    c.addMounts(
                        Mount.newBuilder()
                            .setHostPath(file.toString())
                            .setContainerPath("/on-disk")
                            .setReadonly(true))));
    UnifiedCgroup cgroup = UnifiedCgroup.of(pod.pid(container));

    String time = pod.awaitLog("app", log -> log.stderr().contains("real")).stderr();

    assertTrue(cgroup.read("io.max").contains("rbps=1048576"), cgroup.read("io.max"));
    double seconds = Double.parseDouble(time.replaceFirst("(?s).*real\\s+0m ([0-9.]+)s.*", "$1"));
    assertTrue(seconds >= 2.5, "4 MiB at 1 MiB/s took " + time);
    assertTrue(cgroup.read("io.stat").contains("rbytes=4"), cgroup.read("io.stat"));
  }

  @Test
  void update_changesARunningContainersLimits() {
    String container =
        pod.run("app", with(limits -> limits.setMemoryLimitInBytes(64 * MIB), "sleep", "1000"));
    UnifiedCgroup cgroup = UnifiedCgroup.of(pod.pid(container));

    update(
        container,
        limits ->
            limits
                .setMemoryLimitInBytes(96 * MIB)
                .setMemorySwapLimitInBytes(96 * MIB)
                .setCpuQuota(20_000)
                .setCpuPeriod(100_000)
                .setCpuShares(2048)
                .setCpusetCpus("0")
                .putUnified("memory.high", Long.toString(90 * MIB))
                .putUnified("pids.max", "99"));

    assertEquals(Long.toString(96 * MIB), cgroup.read("memory.max"));
    assertEquals("0", cgroup.read("memory.swap.max"));
    assertEquals("20000 100000", cgroup.read("cpu.max"));
    assertEquals("174", cgroup.read("cpu.weight"));
    assertEquals("0", cgroup.read("cpuset.cpus"));
    assertEquals(Long.toString(90 * MIB), cgroup.read("memory.high"));
    assertEquals("99", cgroup.read("pids.max"));

    update(container, limits -> limits.setCpuQuota(-1));

    assertEquals("max 100000", cgroup.read("cpu.max"));
    // What was not named stays.
    assertEquals(Long.toString(96 * MIB), cgroup.read("memory.max"));
  }

  @Test
  void limitBelowWhatOneProcessNeeds_endsAsOomKilled() {
    String container =
        pod.run("app", with(limits -> limits.setMemoryLimitInBytes(64 * MIB), "tail", "/dev/zero"));

    ContainerStatus end = pod.awaitExit(container);

    assertEquals("OOMKilled", end.getReason());
    assertEquals(137, end.getExitCode());
  }

  @Test
  void oomGroup_takesAllProcessesOfTheContainerAlong() {
    String container =
        pod.run(
            "app",
            with(
                limits ->
                    limits.setMemoryLimitInBytes(64 * MIB).putUnified("memory.oom.group", "1"),
                "sh",
                "-c",
                "tail /dev/zero; echo survived; sleep 1000"));

    ContainerStatus end = pod.awaitExit(container);

    assertEquals("OOMKilled", end.getReason());
    assertEquals("", pod.log("app").stdout());
  }

  @Test
  void oomWithoutGroup_killsTheGreedyProcessAlone() {
    String container =
        pod.run(
            "app",
            with(
                limits -> limits.setMemoryLimitInBytes(64 * MIB),
                "sh",
                "-c",
                "tail /dev/zero; echo survived; sleep 1000"));

    pod.awaitLog("app", log -> log.stdout().contains("survived"));

    assertEquals(1, UnifiedCgroup.of(pod.pid(container)).field("memory.events", "oom_kill"));
  }

  private void update(String container, Consumer<LinuxContainerResources.Builder> limits) {
    LinuxContainerResources.Builder resources = LinuxContainerResources.newBuilder();
    limits.accept(resources);
    node.cri()
        .runtime()
        .updateContainerResources(
            UpdateContainerResourcesRequest.newBuilder()
                .setContainerId(container)
                .setLinux(resources)
                .build());
  }

  private UnifiedCgroup run(Consumer<LinuxContainerResources.Builder> limits) {
    return UnifiedCgroup.of(pod.pid(pod.run("app", with(limits, "sleep", "1000"))));
  }

  private static Consumer<ContainerConfig.Builder> with(
      Consumer<LinuxContainerResources.Builder> limits, String... command) {
    return Configs.resources(limits).andThen(config -> config.addAllCommand(List.of(command)));
  }
}
