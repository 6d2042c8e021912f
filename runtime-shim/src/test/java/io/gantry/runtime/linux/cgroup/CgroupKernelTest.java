package io.gantry.runtime.linux.cgroup;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountInfo;
import io.gantry.runtime.oci.OciCpu;
import io.gantry.runtime.oci.OciDeviceRule;
import io.gantry.runtime.oci.OciMemory;
import io.gantry.runtime.oci.OciResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The machine's own cgroups, below one made for these tests. */
@Tag("root")
class CgroupKernelTest {
  private static final long MIB = 1 << 20;

  private final Linux linux = Linux.open();
  private final List<Process> processes = new ArrayList<>();
  private Cgroups cgroups;
  private String path;

  @BeforeEach
  void setUp() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    cgroups = CgroupTree.open(linux);
    path = "/gantry-test-" + linux.processes().pid() + "/" + System.nanoTime();
  }

  @AfterEach
  void tearDown() throws Exception {
    for (Process process : processes) {
      process.destroyForcibly().waitFor();
    }
    if (cgroups != null) {
      cgroups.at(path.substring(0, path.lastIndexOf('/'))).remove();
    }
  }

  private Process sleeper() throws IOException {
    Process process = new ProcessBuilder("sleep", "1000").start();
    processes.add(process);
    return process;
  }

  @Test
  void limits_areTakenByTheKernelAndReadBack() throws Exception {
    Cgroup cgroup = cgroups.create(path);
    cgroup.apply(
        OciResources.NONE
            .withMemory(OciMemory.NONE.withLimit(64 * MIB))
            .withCpu(OciCpu.NONE.withShares(512).withQuota(20000).withPeriod(50000).withCpus("0"))
            .withPidsLimit(10));
    CgroupStats stats = cgroup.stats();
    assertEquals(OptionalLong.of(64 * MIB), stats.memory().orElseThrow().limitBytes());
    assertEquals(OptionalLong.of(10), stats.pids().orElseThrow().limit());
    for (long limit : new long[] {128 * MIB, 32 * MIB}) {
      cgroup.apply(OciResources.NONE.withMemory(OciMemory.NONE.withLimit(limit)));
      assertEquals(OptionalLong.of(limit), cgroup.stats().memory().orElseThrow().limitBytes());
    }
  }

  @Test
  void memoryAndSwap_moveUpAndDownTogether() throws Exception {
    Cgroup cgroup = cgroups.create(path);
    boolean accounted = false;
    for (Cgroup.View view : cgroup.views()) {
      accounted |= Files.exists(Path.of(view.directory(), "memory.memsw.limit_in_bytes"));
      accounted |= Files.exists(Path.of(view.directory(), "memory.swap.max"));
    }
    assumeTrue(accounted, "the kernel does not account swap");
    for (long limit : new long[] {64 * MIB, 128 * MIB, 32 * MIB, -1}) {
      cgroup.apply(OciResources.NONE.withMemory(OciMemory.NONE.withLimit(limit).withSwap(limit)));
    }
    assertEquals(OptionalLong.empty(), cgroup.stats().memory().orElseThrow().limitBytes());
  }

  @Test
  void killAll_endsEveryProcessAlsoFrozenOnes_andRemoveTakesTheTree() throws Exception {
    Cgroup cgroup = cgroups.create(path);
    Cgroup below = cgroups.create(path + "/below");
    Process one = sleeper();
    Process two = sleeper();
    cgroup.join((int) one.pid());
    below.join((int) two.pid());
    List<Integer> pids = cgroup.pids();
    assertEquals(2, pids.size());
    assertTrue(pids.contains((int) one.pid()) && pids.contains((int) two.pid()));

    cgroup.freeze();
    cgroup.killAll();
    assertTrue(one.waitFor(10, TimeUnit.SECONDS));
    assertTrue(two.waitFor(10, TimeUnit.SECONDS));
    assertEquals(137, one.exitValue());
    cgroup.remove();
    assertFalse(cgroup.exists());
    cgroup.remove();
  }

  @Test
  void freeze_stopsAProgramAndThawLetsItRunOn() throws Exception {
    Cgroup cgroup = cgroups.create(path);
    Process busy = new ProcessBuilder("sh", "-c", "while :; do :; done").start();
    processes.add(busy);
    cgroup.join((int) busy.pid());
    cgroup.freeze();
    long stopped = cpuTime(busy.pid());
    long later = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(100);
    while (System.nanoTime() < later) {
      assertEquals(stopped, cpuTime(busy.pid()));
    }
    cgroup.thaw();
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (cpuTime(busy.pid()) == stopped) {
      assertTrue(System.nanoTime() < deadline, "the program does not run on");
    }
  }

  private static long cpuTime(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')')).split(" ")[12]);
  }

  @Test
  void create_refusesAnOccupiedCgroup() throws Exception {
    Cgroup cgroup = cgroups.create(path);
    cgroup.join((int) sleeper().pid());
    assertThrows(IOException.class, () -> cgroups.create(path));
  }

  @Test
  void deviceProgram_isAcceptedByTheVerifierReplacedAndObeyed() throws Exception {
    String unified = null;
    for (MountInfo mount : linux.mounts().mountInfo()) {
      if (mount.type().equals("cgroup2")) {
        unified = mount.target();
      }
    }
    assumeTrue(unified != null, "no cgroup2 is mounted");
    V2Cgroups tree = new V2Cgroups(linux, new ControlDirectory(linux.files(), unified));
    Cgroup cgroup = tree.create(path);
    try (Fd directory = cgroup.openDirectory().orElseThrow()) {
      linux.programs().setDeviceProgram(directory, DeviceProgram.of(List.of()));
      linux
          .programs()
          .setDeviceProgram(
              directory,
              DeviceProgram.of(
                  List.of(
                      OciDeviceRule.all(false),
                      new OciDeviceRule(true, 'c', OptionalLong.of(1), OptionalLong.of(3), "rw"))));
      assertEquals(0, exitOf(cgroup, "read go; : </dev/null"));
      assertEquals(1, exitOf(cgroup, "read go; : </dev/zero || exit 1"));
      linux.programs().setDeviceProgram(directory, DeviceProgram.of(List.of()));
      assertEquals(0, exitOf(cgroup, "read go; : </dev/zero"));
    } finally {
      tree.at(path.substring(0, path.lastIndexOf('/'))).remove();
    }
  }

  private int exitOf(Cgroup cgroup, String script) throws Exception {
    Process process = new ProcessBuilder("bash", "-c", script).start();
    processes.add(process);
    cgroup.join((int) process.pid());
    process.getOutputStream().write('\n');
    process.getOutputStream().close();
    assertTrue(process.waitFor(10, TimeUnit.SECONDS));
    return process.exitValue();
  }

  @Test
  void openTasks_letsAProcessJoinByWritingZero() throws Exception {
    assumeTrue(cgroups.version() == Cgroups.Version.V1, "v1 only");
    Cgroup cgroup = cgroups.create(path);
    List<Fd> files = cgroup.openTasks();
    assertEquals(cgroup.views().size(), files.size());
    for (Fd file : files) {
      assertEquals(
          FileFlags.O_WRONLY,
          linux.files().fcntl(file, FileFlags.F_GETFL, 0) & FileFlags.O_ACCMODE);
      file.close();
    }
    LinuxException e =
        assertThrows(LinuxException.class, () -> cgroups.at(path + "/gone").openTasks());
    assertEquals(Errno.ENOENT, e.errno());
  }
}
