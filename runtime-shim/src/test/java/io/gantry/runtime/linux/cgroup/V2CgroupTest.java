package io.gantry.runtime.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.oci.OciCpu;
import io.gantry.runtime.oci.OciHugepageLimit;
import io.gantry.runtime.oci.OciMemory;
import io.gantry.runtime.oci.OciResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class V2CgroupTest {
  @TempDir Path temp;
  private FakeCgroupFiles fake;

  @BeforeEach
  void setUp() {
    fake = new FakeCgroupFiles(temp);
  }

  private Cgroup cgroup() throws IOException {
    return CgroupTree.open(fake.linux, List.of(fake.mount("u", "cgroup2", "rw"))).at("/a");
  }

  @Test
  void apply_convertsLimitsToV2sFiles() throws Exception {
    ControlDirectory a =
        fake.directory(
            "u/a",
            "cpu.weight",
            "",
            "cpu.max",
            "max 100000",
            "memory.max",
            "",
            "memory.low",
            "", //
            "memory.swap.max",
            "",
            "pids.max",
            "",
            "cpuset.cpus",
            "");
    cgroup()
        .apply(
            OciResources.NONE
                .withCpu(
                    OciCpu.NONE.withShares(1024).withQuota(150000).withPeriod(100000).withCpus("1"))
                .withMemory(OciMemory.NONE.withLimit(1000).withSwap(1500).withReservation(10))
                .withPidsLimit(-1));
    assertEquals("100", FakeCgroupFiles.written(a, "cpu.weight"));
    assertEquals("150000 100000", FakeCgroupFiles.written(a, "cpu.max"));
    assertEquals("1", FakeCgroupFiles.written(a, "cpuset.cpus"));
    assertEquals("1000", FakeCgroupFiles.written(a, "memory.max"));
    assertEquals("500", FakeCgroupFiles.written(a, "memory.swap.max"));
    assertEquals("10", FakeCgroupFiles.written(a, "memory.low"));
    assertEquals("max", FakeCgroupFiles.written(a, "pids.max"));
  }

  @Test
  void hugePages_areLimitedWhereTheControllerIs() throws Exception {
    OciResources none =
        OciResources.NONE.withHugepageLimits(List.of(new OciHugepageLimit("2MB", 0)));
    ControlDirectory a =
        fake.directory(
            "u/a",
            "cgroup.controllers",
            "cpu hugetlb pids\n",
            "hugetlb.2MB.max",
            "",
            "hugetlb.2MB.rsvd.max",
            "");
    cgroup().apply(none);
    assertEquals("0", FakeCgroupFiles.written(a, "hugetlb.2MB.max"));
    assertEquals("0", FakeCgroupFiles.written(a, "hugetlb.2MB.rsvd.max"));
  }

  @Test
  void hugePages_areIgnoredWhereNothingCountsThem() throws Exception {
    fake.directory("u/a", "cgroup.controllers", "cpu pids\n");
    cgroup().apply(OciResources.NONE.withHugepageLimits(List.of(new OciHugepageLimit("2MB", 0))));
  }

  @Test
  void hugePages_ofASizeThatTheMachineLacksAreRefused() throws Exception {
    fake.directory("u/a", "cgroup.controllers", "hugetlb\n");
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                cgroup()
                    .apply(
                        OciResources.NONE.withHugepageLimits(
                            List.of(new OciHugepageLimit("3MB", 0)))));
    assertTrue(e.getMessage().contains("hugetlb.3MB.max"), e.getMessage());
  }

  @Test
  void apply_ofAPeriodAloneKeepsTheQuota() throws Exception {
    ControlDirectory a = fake.directory("u/a", "cpu.max", "70000 100000\n");
    cgroup().apply(OciResources.NONE.withCpu(OciCpu.NONE.withPeriod(200000)));
    assertTrue(FakeCgroupFiles.written(a, "cpu.max").startsWith("70000 200000"));
  }

  @Test
  void swap_aloneIsCountedFromTheMemoryLimitThatHolds() throws Exception {
    ControlDirectory a = fake.directory("u/a", "memory.max", "300\n", "memory.swap.max", "");
    cgroup().apply(OciResources.NONE.withMemory(OciMemory.NONE.withSwap(500)));
    assertEquals("200", FakeCgroupFiles.written(a, "memory.swap.max"));
  }

  @Test
  void swap_belowTheMemoryLimitIsRefused() throws Exception {
    fake.directory("u/a", "memory.max", "", "memory.swap.max", "");
    IOException e =
        assertThrows(
            IOException.class,
            () ->
                cgroup()
                    .apply(OciResources.NONE.withMemory(OciMemory.NONE.withLimit(10).withSwap(5))));
    assertTrue(e.getMessage().contains("may not be below the memory limit 10"), e.getMessage());
  }

  @Test
  void unified_isWrittenLastAndAsGiven() throws Exception {
    ControlDirectory a = fake.directory("u/a", "memory.max", "", "io.max", "");
    Map<String, String> unified = new LinkedHashMap<>();
    unified.put("memory.max", "2000");
    unified.put("io.max", "8:0 rbps=1");
    cgroup()
        .apply(OciResources.NONE.withMemory(OciMemory.NONE.withLimit(1000)).withUnified(unified));
    assertEquals("2000", FakeCgroupFiles.written(a, "memory.max"));
    assertEquals("8:0 rbps=1", FakeCgroupFiles.written(a, "io.max"));
  }

  @Test
  void unified_refusesWhatIsNoLimitsFile() throws Exception {
    fake.directory("u/a", "cgroup.procs", "");
    for (String name : List.of("../x.y", "cgroup.procs", "memory", "memory.gone", "")) {
      IOException e =
          assertThrows(
              IOException.class,
              () -> cgroup().apply(OciResources.NONE.withUnified(Map.of(name, "1"))));
      assertTrue(e.getMessage().startsWith("unified resource \"" + name + "\""), e.getMessage());
    }
  }

  @Test
  void apply_saysThatAControllerIsNotAvailable() throws Exception {
    fake.directory("u/a", "cgroup.controllers", "memory pids\n");
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> cgroup().apply(OciResources.NONE.withCpu(OciCpu.NONE.withShares(2))));
    assertTrue(
        e.getMessage().endsWith("the controller is not available there (it has \"memory pids\")"),
        e.getMessage());
  }

  @Test
  void create_makesControllersAvailableOnTheWayDown() throws Exception {
    ControlDirectory root =
        fake.directory(
            "u", "cgroup.controllers", "cpu memory\n", "cgroup.subtree_control", "cpu\n");
    Cgroups cgroups = CgroupTree.open(fake.linux, List.of(fake.mount("u", "cgroup2", "rw")));
    cgroups.create("/a/b");
    assertTrue(Files.isDirectory(temp.resolve("u/a/b")));
    assertEquals("+memory", FakeCgroupFiles.written(root, "cgroup.subtree_control"));
  }

  @Test
  void create_refusesACgroupWithProcessesInIt() throws Exception {
    fake.directory("u/a", "cgroup.procs", "123\n");
    Cgroups cgroups = CgroupTree.open(fake.linux, List.of(fake.mount("u", "cgroup2", "rw")));
    IOException e = assertThrows(IOException.class, () -> cgroups.create("/a"));
    assertTrue(e.getMessage().endsWith("exists and holds processes [123]"), e.getMessage());
  }

  @Test
  void killAll_usesTheKernelsOwnWay() throws Exception {
    ControlDirectory a = fake.directory("u/a", "cgroup.kill", "");
    cgroup().killAll();
    assertEquals("1", FakeCgroupFiles.written(a, "cgroup.kill"));
  }

  @Test
  void stats_areReadWithPressure() throws Exception {
    fake.directory(
        "u/a",
        "cpu.stat",
        "usage_usec 5\nuser_usec 3\nsystem_usec 2\nnr_throttled 1\n",
        "cpu.pressure",
        "some avg10=1.50 avg60=0.00 avg300=0.25 total=12\n"
            + "full avg10=0.00 avg60=0.00 avg300=0.00 total=3\n",
        "memory.current",
        "1000\n",
        "memory.max",
        "max\n",
        "memory.stat",
        "anon 5\nfile 6\ninactive_file 400\npgfault 8\n",
        "memory.events",
        "low 0\noom 2\noom_kill 1\noom_group_kill 0\n",
        "pids.current",
        "2\n",
        "pids.max",
        "10\n",
        "io.stat",
        "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=0 dios=0\n",
        "hugetlb.2MB.current",
        "0\n",
        "hugetlb.2MB.max",
        "max\n");
    CgroupStats stats = cgroup().stats();
    assertEquals(5000, stats.cpu().orElseThrow().usageNanos());
    CgroupStats.Pressure pressure = stats.cpu().orElseThrow().pressure().orElseThrow();
    assertEquals(new CgroupStats.Line(1.5, 0, 0.25, 12), pressure.some());
    assertEquals(3, pressure.full().totalMicros());
    assertEquals(600, stats.memory().orElseThrow().workingSetBytes());
    assertEquals(6, stats.memory().orElseThrow().cacheBytes());
    assertEquals(1, cgroup().oomKills());
    assertEquals(OptionalLong.of(10), stats.pids().orElseThrow().limit());
    assertEquals(List.of(new CgroupStats.BlockDevice(8, 0, 1, 2, 3, 4)), stats.blockDevices());
    assertEquals(
        List.of(new CgroupStats.Hugetlb("2MB", 0, OptionalLong.empty(), OptionalLong.empty(), 0)),
        stats.hugetlb());
  }

  @Test
  void weights_meetV1sScaleAtBothEndsAndTheDefault() {
    assertEquals(1, CpuWeight.ofShares(2));
    assertEquals(100, CpuWeight.ofShares(1024));
    assertEquals(10000, CpuWeight.ofShares(262144));
    assertEquals(1, CpuWeight.ofBlkioWeight(10));
    assertEquals(10000, CpuWeight.ofBlkioWeight(1000));
  }
}
