package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.proto.cri.v1.HugepageLimit;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.CgroupDriver;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Limits as the kernel has them, read from the cgroup of the container's own process. */
@Tag("root")
class ResourcesIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final long MEMORY_BYTES = 64 << 20;

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
  void memoryLimit_isTheCgroupsLimit() throws IOException {
    long pid = run(limits -> limits.setMemoryLimitInBytes(MEMORY_BYTES));

    assertEquals(
        Long.toString(MEMORY_BYTES), limit(pid, "memory", "memory.limit_in_bytes", "memory.max"));
  }

  @Test
  void cpu_isTheCgroupsQuotaAndWeight() throws IOException {
    long pid = run(limits -> limits.setCpuShares(512).setCpuQuota(50_000).setCpuPeriod(100_000));

    if (isVersion1(pid)) {
      assertEquals("50000", limit(pid, "cpu", "cpu.cfs_quota_us", ""));
      assertEquals("100000", limit(pid, "cpu", "cpu.cfs_period_us", ""));
      assertEquals("512", limit(pid, "cpu", "cpu.shares", ""));
    } else {
      assertEquals("50000 100000", limit(pid, "", "", "cpu.max"));
    }
  }

  @Test
  void cpuset_isWhereTheProcessRuns() throws IOException {
    long pid = run(limits -> limits.setCpusetCpus("0"));

    assertEquals("0", statusLine(pid, "Cpus_allowed_list"));
  }

  @Test
  void hugePages_areLimitedWhereTheKernelCountsThem() throws IOException {
    // As the kubelet asks for each page size of the machine when a pod asks for none.
    long pid =
        run(
            limits ->
                limits.addHugepageLimits(
                    HugepageLimit.newBuilder().setPageSize("2MB").setLimit(0)));

    if (!isVersion1(pid) || Files.isDirectory(Path.of("/sys/fs/cgroup/hugetlb"))) {
      assertEquals("0", limit(pid, "hugetlb", "hugetlb.2MB.limit_in_bytes", "hugetlb.2MB.max"));
    }
  }

  @Test
  void driver_isToldToTheKubelet() {
    String told = node.crictl().out("runtime-config");

    assertTrue(told.contains(CgroupDriver.usual().name()), told);
  }

  @Test
  void oomScoreAdjustment_isTheProcesss() throws IOException {
    long pid = run(limits -> limits.setOomScoreAdj(500));

    assertEquals("500", Files.readString(Path.of("/proc/" + pid + "/oom_score_adj")).strip());
  }

  @Test
  void pidsCgroup_holdsTheContainer() throws IOException {
    long pid = run(limits -> {});

    assertTrue(cgroup(pid, "pids").contains(node.cgroupParent() + "/"));
  }

  @Test
  void cgroup_isSeenAsTheRootFromInside() {
    String container = pod.run("app", "sleep", "1000");

    // With a cgroup namespace of its own (v2), or by bind mounts (v1): never the host's tree.
    String name = node.directory().name();
    assertEquals("", pod.execOutput(container, "find", "/sys/fs/cgroup", "-name", name));
    // What is there is the cgroup that its first process lives in.
    String processes =
        pod.execOutput(
            container,
            "find",
            "/sys/fs/cgroup",
            "-name",
            "cgroup.procs",
            "-exec",
            "cat",
            "{}",
            ";");
    assertTrue(processes.lines().anyMatch("1"::equals), processes);
  }

  @Test
  void update_changesTheLimitsOfARunningContainer() throws IOException {
    String container = pod.run("app", "sleep", "1000");

    node.crictl().out("update", "--memory", Long.toString(2 * MEMORY_BYTES), container);

    assertEquals(
        Long.toString(2 * MEMORY_BYTES),
        limit(pod.pid(container), "memory", "memory.limit_in_bytes", "memory.max"));
  }

  @Test
  void stats_tellMemoryAndCpuOfARunningContainer() {
    String container = pod.run("app", "sh", "-c", "while :; do :; done");

    JsonNode first = stats(container);

    assertTrue(first.at("/memory/workingSetBytes/value").asLong() > 0, first.toString());
    long cpuNanos = first.at("/cpu/usageCoreNanoSeconds/value").asLong();
    Eventually.get(
        "more CPU time than " + cpuNanos,
        Duration.ofSeconds(10),
        () -> stats(container).at("/cpu/usageCoreNanoSeconds/value").asLong(),
        now -> now > cpuNanos);
  }

  private static JsonNode stats(String container) {
    return node.crictl().json("stats", "-o", "json", container).at("/stats/0");
  }

  private long run(Consumer<LinuxContainerResources.Builder> limits) {
    String container =
        pod.run(
            "app",
            Configs.resources(limits)
                .andThen(config -> config.addCommand("sleep").addArgs("1000")));
    return pod.pid(container);
  }

  private static String limit(long pid, String controller, String version1, String version2)
      throws IOException {
    Path directory =
        isVersion1(pid)
            ? Path.of("/sys/fs/cgroup", controller, cgroup(pid, controller), version1)
            : Path.of("/sys/fs/cgroup", cgroup(pid, ""), version2);
    return Files.readString(directory).strip();
  }

  private static boolean isVersion1(long pid) throws IOException {
    return Files.readString(Path.of("/proc/" + pid + "/cgroup")).contains("memory");
  }

  /** The process's cgroup in the hierarchy of a controller; "" names the one of version 2. */
  private static String cgroup(long pid, String controller) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/cgroup")).stream()
        .map(line -> line.split(":", 3))
        .filter(parts -> java.util.List.of(parts[1].split(",")).contains(controller))
        .map(parts -> parts[2])
        .findFirst()
        .orElseGet(
            () -> {
              try {
                return cgroup(pid, "");
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
  }

  private static String statusLine(long pid, String key) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
        .filter(line -> line.startsWith(key + ":"))
        .map(line -> line.substring(key.length() + 1).strip())
        .findFirst()
        .orElseThrow();
  }
}
