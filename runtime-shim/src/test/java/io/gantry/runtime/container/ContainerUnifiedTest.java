package io.gantry.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.runtime.container.ContainerTestBench.Outcome;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.linux.cgroup.UnifiedTree;
import io.gantry.runtime.oci.OciCapabilities;
import io.gantry.runtime.oci.OciNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Containers in the kernel's cgroup v2 tree, also where that has no controllers. */
@Tag("root")
class ContainerUnifiedTest {
  private static final int SIGKILL = 9;

  @TempDir Path temp;
  private ContainerTestBench bench;

  @BeforeEach
  void setUp() throws Exception {
    Optional<Cgroups> unified = UnifiedTree.open(Linux.open());
    assumeTrue(unified.isPresent(), "no cgroup2 is mounted");
    bench = new ContainerTestBench(temp, unified.get());
  }

  @AfterEach
  void tearDown() throws Exception {
    if (bench != null) {
      bench.close();
    }
  }

  private Container running() throws Exception {
    bench.bundle.write("sh", "-c", "sleep 1000 & echo ready; sleep 1000");
    Container container = bench.create();
    bench.startAndAwaitReady(container);
    return container;
  }

  @Test
  void processes_beginInTheirCgroupAndSeeItAsTheRoot() throws Exception {
    Container container = running();
    assertTrue(container.pids().size() >= 2, container.pids().toString());
    Outcome outcome =
        bench.exec(
            container,
            bench.bundle.process("sh", "-c", "grep ^0: /proc/1/cgroup /proc/self/cgroup"));
    // A later process has a cgroup of its own below the container's, and sees that as the root.
    assertEquals("/proc/1/cgroup:0::/..\n/proc/self/cgroup:0::/\n", outcome.output());
    Outcome procs =
        bench.exec(
            container, bench.bundle.process("sh", "-c", "head -1 /sys/fs/cgroup/cgroup.procs"));
    assertEquals("1\n", procs.output());
  }

  @Test
  void withoutACgroupNamespace_theWholeTreeIsShown() throws Exception {
    bench.bundle.namespaces.removeIf(n -> n.type() == OciNamespace.Type.CGROUP);
    Outcome outcome = bench.run("p=$(grep ^0: /proc/self/cgroup); test -d /sys/fs/cgroup/${p#0::}");
    assertEquals(new Outcome(0, ""), outcome);
  }

  @Test
  void cgroup_isReadOnlyInside() throws Exception {
    Outcome outcome = bench.run("mkdir /sys/fs/cgroup/x");
    assertTrue(outcome.output().contains("Read-only file system"), outcome.output());
  }

  @Test
  void devices_areDeniedByTheProgram() throws Exception {
    List<String> mknod = List.of("CAP_MKNOD");
    bench.bundle.capabilities =
        Optional.of(new OciCapabilities(mknod, mknod, List.of(), mknod, List.of()));
    Outcome outcome =
        bench.run("head -c 1 /dev/zero | wc -c; mknod /dev/mem c 1 1; head -c 1 /dev/mem");
    assertTrue(outcome.output().startsWith("1\n"), outcome.output());
    assertTrue(outcome.output().contains("Operation not permitted"), outcome.output());
  }

  @Test
  void pauseAndKill_reachEveryProcess() throws Exception {
    bench.bundle.write("sh", "-c", "sleep 1000 & echo ready; sleep 1000");
    Container container = bench.create();
    StartedProcess.Child process = bench.startAndAwaitReady(container);
    container.pause();
    for (int pid : container.pids()) {
      assertTrue(Files.exists(Path.of("/proc/" + pid)), "frozen, not gone");
    }
    container.kill(SIGKILL, true);
    assertEquals(137, bench.await(process));
    container.delete();
  }

  @Test
  void family_isKilledWhole() throws Exception {
    FamilyContract.killReachesWhatLeftItsSession(bench, running());
  }

  @Test
  void family_isLeftToTheContainerWithItsCgroupUntilItIsEmpty() throws Exception {
    FamilyContract.whatIsLeftLivesOn(bench, running());
  }

  @Test
  void besideThreadedCgroups_commandsHaveNoCgroupOfTheirOwn() throws Exception {
    Container container = running();
    Path threads = FamilyContract.cgroupsOf(bench, container).get(0).resolve("threads");
    Files.createDirectory(threads);
    Files.writeString(threads.resolve("cgroup.type"), "threaded");
    Outcome outcome =
        bench.exec(container, bench.bundle.process("sh", "-c", "grep ^0: /proc/self/cgroup"));
    assertEquals(new Outcome(0, "0::/\n"), outcome);
    assertTrue(bench.notices.get(0).contains("domain invalid"), bench.notices.toString());
  }

  @Test
  void aContainerWithControllersBelow_canBeExecutedIn() throws Exception {
    Container container = running();
    Path own = FamilyContract.cgroupsOf(bench, container).get(0);
    String controllers = Files.readString(own.resolve("cgroup.controllers")).strip();
    assumeTrue(!controllers.isEmpty(), "no controller is in the v2 tree");
    Files.createDirectory(own.resolve("init"));
    for (int pid : container.pids()) {
      Files.writeString(own.resolve("init/cgroup.procs"), Integer.toString(pid));
    }
    Files.writeString(own.resolve("cgroup.subtree_control"), "+" + controllers.split(" ")[0]);
    assertEquals(
        new Outcome(0, "hello\n"), bench.exec(container, bench.bundle.process("echo", "hello")));
  }
}
