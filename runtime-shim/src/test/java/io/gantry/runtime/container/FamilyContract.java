package io.gantry.runtime.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.cgroup.Cgroup;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What both cgroup hierarchies must do for a process and everything it has started. */
final class FamilyContract {
  private static final String SURVIVORS =
      "setsid sleep 1001 & setsid sh -c 'sleep 1002; true' & sleep 0.3; exit 3";

  private FamilyContract() {}

  /** The directories of a container's cgroup. */
  static List<Path> cgroupsOf(ContainerTestBench bench, Container container) {
    List<Path> directories = new ArrayList<>();
    for (Cgroup.View view :
        bench.cgroups.at(container.spec().linux().cgroupsPath().get()).views()) {
      directories.add(Path.of(view.directory()));
    }
    return directories;
  }

  /** The cgroups that commands have of their own. */
  private static List<Path> below(ContainerTestBench bench, Container container)
      throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path directory : cgroupsOf(bench, container)) {
      try (DirectoryStream<Path> below = Files.newDirectoryStream(directory, "gantry-exec-*")) {
        below.forEach(found::add);
      }
    }
    return found;
  }

  private static StartedProcess.Child start(ContainerTestBench bench, Container container)
      throws Exception {
    return (StartedProcess.Child)
        container.exec(
            bench.bundle.process("sh", "-c", SURVIVORS), new ProcessStdio.Pipes(0, 1, 2));
  }

  static void killReachesWhatLeftItsSession(ContainerTestBench bench, Container container)
      throws Exception {
    int before = container.pids().size();
    StartedProcess.Child process = start(bench, container);
    assertEquals(3, bench.await(process));
    assertFalse(process.family().get().isGone());
    assertEquals(before + 3, container.pids().size());
    process.family().get().kill();
    assertEquals(before, container.pids().size());
    assertEquals(List.of(), below(bench, container));
    assertTrue(process.family().get().isGone());
    process.family().get().kill();
  }

  static void whatIsLeftLivesOn(ContainerTestBench bench, Container container) throws Exception {
    List<Integer> before = container.pids();
    StartedProcess.Child process = start(bench, container);
    assertEquals(3, bench.await(process));
    assertFalse(process.family().get().isGone());
    process.family().get().leave();
    assertEquals(1, below(bench, container).size());
    assertEquals(before.size() + 3, container.pids().size());
    for (int pid : container.pids()) {
      if (!before.contains(pid)) {
        bench.linux.processes().kill(pid, 9);
      }
    }
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
    while (!below(bench, container).isEmpty() && System.nanoTime() < end) {
      reapAll(bench);
      StartedProcess.Child next =
          (StartedProcess.Child)
              container.exec(bench.bundle.process("true"), new ProcessStdio.Pipes(0, 1, 2));
      assertEquals(0, bench.await(next));
      assertTrue(next.family().get().isGone());
      LockSupport.parkNanos(10_000_000);
    }
    assertEquals(List.of(), below(bench, container));
  }

  private static void reapAll(ContainerTestBench bench) throws LinuxException {
    try {
      while (bench.linux.processes().pollAny().isPresent()) {}
    } catch (LinuxException e) {
      assertEquals(Errno.ECHILD, e.errno());
    }
  }
}
