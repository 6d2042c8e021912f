package io.gantry.runtime.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciBlockIo;
import io.gantry.runtime.oci.OciCpu;
import io.gantry.runtime.oci.OciDeviceRule;
import io.gantry.runtime.oci.OciHugepageLimit;
import io.gantry.runtime.oci.OciMemory;
import io.gantry.runtime.oci.OciResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class V1CgroupTest {
  @TempDir Path temp;
  private FakeCgroupFiles fake;

  @BeforeEach
  void setUp() {
    fake = new FakeCgroupFiles(temp);
  }

  private Cgroups cgroups() throws IOException {
    return CgroupTree.open(
        fake.linux,
        List.of(
            fake.mount("memory", "cgroup", "rw,memory"),
            fake.mount("cpu", "cgroup", "rw,cpu,cpuacct"),
            fake.mount("pids", "cgroup", "rw,pids"),
            fake.mount("devices", "cgroup", "rw,devices"),
            fake.mount("hugetlb", "cgroup", "rw,hugetlb"),
            fake.mount("blkio", "cgroup", "rw,blkio")));
  }

  @Test
  void apply_writesEachLimitIntoItsControllersFile() throws Exception {
    ControlDirectory memory =
        fake.directory(
            "memory/a",
            "memory.limit_in_bytes",
            "",
            "memory.memsw.limit_in_bytes",
            "9", //
            "memory.soft_limit_in_bytes",
            "");
    ControlDirectory cpu =
        fake.directory("cpu/a", "cpu.shares", "", "cpu.cfs_quota_us", "", "cpu.cfs_period_us", "");
    ControlDirectory pids = fake.directory("pids/a", "pids.max", "");
    ControlDirectory hugetlb = fake.directory("hugetlb/a", "hugetlb.2MB.limit_in_bytes", "");
    ControlDirectory blkio =
        fake.directory("blkio/a", "blkio.weight", "", "blkio.throttle.read_bps_device", "");
    cgroups()
        .at("/a")
        .apply(
            OciResources.NONE
                .withMemory(OciMemory.NONE.withLimit(4096).withSwap(8192).withReservation(2048))
                .withCpu(OciCpu.NONE.withShares(512).withQuota(50000).withPeriod(100000))
                .withPidsLimit(7)
                .withHugepageLimits(List.of(new OciHugepageLimit("2MB", -1L)))
                .withBlockIo(
                    new OciBlockIo(
                        OptionalInt.of(300),
                        OptionalInt.empty(),
                        List.of(),
                        List.of(new OciBlockIo.Throttle(8, 0, 1000)),
                        List.of(),
                        List.of(),
                        List.of())));
    assertEquals("4096", FakeCgroupFiles.written(memory, "memory.limit_in_bytes"));
    assertEquals("8192", FakeCgroupFiles.written(memory, "memory.memsw.limit_in_bytes"));
    assertEquals("2048", FakeCgroupFiles.written(memory, "memory.soft_limit_in_bytes"));
    assertEquals("512", FakeCgroupFiles.written(cpu, "cpu.shares"));
    assertEquals("50000", FakeCgroupFiles.written(cpu, "cpu.cfs_quota_us"));
    assertEquals("100000", FakeCgroupFiles.written(cpu, "cpu.cfs_period_us"));
    assertEquals("7", FakeCgroupFiles.written(pids, "pids.max"));
    assertEquals(
        Long.toString(Long.MAX_VALUE),
        FakeCgroupFiles.written(hugetlb, "hugetlb.2MB.limit_in_bytes"));
    assertEquals("300", FakeCgroupFiles.written(blkio, "blkio.weight"));
    assertEquals("8:0 1000", FakeCgroupFiles.written(blkio, "blkio.throttle.read_bps_device"));
  }

  @Test
  void apply_writesDeviceRulesInOrderToAllowAndDeny() throws Exception {
    ControlDirectory devices = fake.directory("devices/a", "devices.allow", "", "devices.deny", "");
    Cgroup cgroup = cgroups().at("/a");
    cgroup.apply(
        OciResources.NONE.withDevices(
            List.of(
                OciDeviceRule.all(false),
                new OciDeviceRule(true, 'c', OptionalLong.of(136), OptionalLong.empty(), "rw"))));
    assertEquals("a", FakeCgroupFiles.written(devices, "devices.deny"));
    assertEquals("c 136:* rw", FakeCgroupFiles.written(devices, "devices.allow"));
  }

  @Test
  void apply_refusesUnifiedResources() throws Exception {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                cgroups()
                    .at("/a")
                    .apply(OciResources.NONE.withUnified(Map.of("memory.high", "1"))));
    assertEquals(
        "set memory.high: unified resources need cgroup v2, this machine has v1", e.getMessage());
  }

  @Test
  void apply_saysWhichLimitLacksItsController() throws Exception {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> cgroups().at("/a").apply(OciResources.NONE.withCpu(OciCpu.NONE.withCpus("0"))));
    assertEquals("set cpus: no cgroup hierarchy has the controller cpuset", e.getMessage());
  }

  @Test
  void apply_ignoresHugePageLimitsWhereNothingCountsThem() throws Exception {
    ControlDirectory pids = fake.directory("pids/a", "pids.max", "");
    CgroupTree.open(fake.linux, List.of(fake.mount("pids", "cgroup", "rw,pids")))
        .at("/a")
        .apply(
            OciResources.NONE
                .withPidsLimit(7)
                .withHugepageLimits(List.of(new OciHugepageLimit("2MB", 0))));
    assertEquals("7", FakeCgroupFiles.written(pids, "pids.max"));
  }

  @Test
  void apply_namesFileAndValueOfARefusedWrite() throws Exception {
    fake.directory("pids/a");
    LinuxException e =
        assertThrows(
            LinuxException.class,
            () -> cgroups().at("/a").apply(OciResources.NONE.withPidsLimit(5)));
    assertEquals(Errno.ENOENT, e.errno());
    assertTrue(e.getMessage().startsWith("write \"5\" to " + temp + "/pids/a/pids.max: ENOENT"));
  }

  @Test
  void liftingTheMemoryLimit_liftsTheSwapLimitToo() throws Exception {
    ControlDirectory memory =
        fake.directory("memory/a", "memory.limit_in_bytes", "", "memory.memsw.limit_in_bytes", "");
    cgroups().at("/a").apply(OciResources.NONE.withMemory(OciMemory.NONE.withLimit(-1)));
    assertEquals("-1", FakeCgroupFiles.written(memory, "memory.limit_in_bytes"));
    assertEquals("-1", FakeCgroupFiles.written(memory, "memory.memsw.limit_in_bytes"));
  }

  @Test
  void swapLimit_withoutSwapAccountingIsRefused() throws Exception {
    fake.directory("memory/a", "memory.limit_in_bytes", "");
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                cgroups()
                    .at("/a")
                    .apply(
                        OciResources.NONE.withMemory(OciMemory.NONE.withLimit(10).withSwap(20))));
    assertTrue(e.getMessage().endsWith("the kernel does not account swap"), e.getMessage());
  }

  @Test
  void newCpuset_inheritsCpusAndNodesAllTheWayDown() throws Exception {
    ControlDirectory root = fake.directory("cpuset", "cpuset.cpus", "0-3\n", "cpuset.mems", "0\n");
    fake.directory("cpuset/a", "cpuset.cpus", "\n", "cpuset.mems", "\n");
    ControlDirectory b = fake.directory("cpuset/a/b", "cpuset.cpus", "\n", "cpuset.mems", "\n");
    V1Cpuset.inherit(root, "/a");
    V1Cpuset.inherit(root, "/a/b");
    assertEquals("0-3", FakeCgroupFiles.written(b, "cpuset.cpus"));
    assertEquals("0", b.read("cpuset.mems"));
  }

  @Test
  void pids_includesThoseOfCgroupsBelowAndLeavesOutForeignOnes() throws Exception {
    fake.directory("devices/a", "cgroup.procs", "10\n0\n");
    fake.directory("devices/a/b/c", "cgroup.procs", "12\n");
    assertEquals(List.of(10, 12), cgroups().at("/a").pids());
    assertEquals(List.of(), cgroups().at("/gone").pids());
  }

  @Test
  void stats_areReadFromEachController() throws Exception {
    fake.directory(
        "memory/a",
        "memory.usage_in_bytes",
        "1000\n",
        "memory.limit_in_bytes",
        "9223372036854771712\n",
        "memory.memsw.usage_in_bytes",
        "1200\n",
        "memory.stat",
        "inactive_file 1\ntotal_inactive_file 300\ntotal_rss 500\n",
        "memory.oom_control",
        "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
    fake.directory("memory/a/b", "memory.oom_control", "oom_kill_disable 0\noom_kill 1\n");
    fake.directory(
        "cpu/a", "cpuacct.usage", "77\n", "cpu.stat", "nr_periods 4\nthrottled_time 9\n");
    fake.directory("pids/a", "pids.current", "3\n", "pids.max", "max\n");
    fake.directory(
        "blkio/a",
        "blkio.throttle.io_service_bytes_recursive",
        "8:0 Read 10\n8:0 Write 20\n8:0 Total 30\nTotal 30\n",
        "blkio.throttle.io_serviced_recursive",
        "8:0 Read 1\n8:0 Write 2\nTotal 3\n");
    Cgroup cgroup = cgroups().at("/a");
    CgroupStats stats = cgroup.stats();
    CgroupStats.Memory memory = stats.memory().orElseThrow();
    assertEquals(700, memory.workingSetBytes());
    assertEquals(500, memory.rssBytes());
    assertEquals(OptionalLong.empty(), memory.limitBytes());
    assertEquals(OptionalLong.of(200), memory.swapUsageBytes());
    assertEquals(3, memory.oomKills());
    assertEquals(3, cgroup.oomKills());
    assertEquals(77, stats.cpu().orElseThrow().usageNanos());
    assertEquals(9, stats.cpu().orElseThrow().throttledNanos());
    assertEquals(new CgroupStats.Pids(3, OptionalLong.empty()), stats.pids().orElseThrow());
    assertEquals(List.of(new CgroupStats.BlockDevice(8, 0, 10, 20, 1, 2)), stats.blockDevices());
  }

  @Test
  void remove_takesAwayTheTreeInEveryHierarchyAndCanBeRepeated() throws Exception {
    for (String hierarchy : List.of("memory", "cpu", "pids")) {
      fake.directory(hierarchy + "/a/b/c");
    }
    Cgroup cgroup = cgroups().at("/a");
    assertTrue(cgroup.exists());
    cgroup.remove();
    cgroup.remove();
    assertFalse(cgroup.exists());
    assertTrue(Files.exists(temp.resolve("memory")));
  }
}
