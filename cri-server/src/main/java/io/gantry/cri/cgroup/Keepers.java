package io.gantry.cri.cgroup;

import io.gantry.runtime.launch.Argument;
import io.gantry.runtime.launch.CloneOptions;
import io.gantry.runtime.launch.LaunchPlan;
import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.launch.Launched;
import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.launch.PauseProgram;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Syscall;
import io.gantry.runtime.linux.cgroup.Cgroup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Processes of a page each that keep cgroups from being empty, see {@link
 * io.gantry.runtime.linux.cgroup.Cgroups#createKeeper}. Thread-safe.
 */
final class Keepers {
  private static final int PROGRAM_DESCRIPTOR = 3;

  /** Never chosen, not even where memory.oom.group has the whole cgroup killed. */
  private static final int OOM_SCORE_ADJ = -1000;

  private final Linux linux;
  private final Launcher launcher;

  /** Children of this daemon, which it must reap; those of an earlier one are init's. */
  private final Map<String, Fd> children = new ConcurrentHashMap<>();

  Keepers(Linux linux, Launcher launcher) {
    this.linux = linux;
    this.launcher = launcher;
  }

  /**
   * Launches one right into its place.
   *
   * @param of the path of the cgroup that it keeps
   * @return its process id
   */
  int launch(String of, Cgroup place) throws IOException {
    List<Fd> opened = new ArrayList<>();
    try {
      Fd program = PauseProgram.open(linux.files());
      opened.add(program);
      Fd nothing = linux.files().open(Fd.CWD, "/dev/null", FileFlags.O_RDWR, 0);
      opened.add(nothing);
      List<Fd> tasks = place.openTasks();
      opened.addAll(tasks);
      Optional<Fd> directory = place.openDirectory();
      directory.ifPresent(opened::add);
      CloneOptions options = CloneOptions.plain();
      Launched launched =
          launcher.launch(
              plan(place, tasks, nothing, program),
              directory.map(options::intoCgroup).orElse(options));
      children.put(of, launched.pidfd());
      return launched.pid();
    } finally {
      opened.forEach(Fd::close);
    }
  }

  private static LaunchPlan plan(Cgroup place, List<Fd> tasks, Fd nothing, Fd program)
      throws LinuxException {
    LaunchPlanBuilder plan = LaunchPlan.builder();
    tasks.forEach(file -> plan.joinCgroup(place.path(), file.number()));
    plan.oomScoreAdjIfAllowed(OOM_SCORE_ADJ)
        .newSession()
        .standardStreams(nothing.number(), nothing.number(), nothing.number())
        .step(
            "keep the program open",
            Syscall.DUP3,
            Argument.of(program.number()),
            Argument.of(PROGRAM_DESCRIPTOR),
            Argument.of(FileFlags.O_CLOEXEC, "O_CLOEXEC"))
        .ignoring(Errno.EINVAL) // It has that number already.
        .closeDescriptorsFrom(PROGRAM_DESCRIPTOR + 1)
        .changeDirectory("/")
        .noNewPrivileges();
    return plan.executeDescriptor(PROGRAM_DESCRIPTOR, "pause", List.of("gantry-keeper"), List.of());
  }

  /** To be called when the keeper of a cgroup was killed. */
  void reap(String of) throws LinuxException {
    try (Fd child = children.remove(of)) {
      if (child != null) {
        linux.processes().await(child);
      }
    }
  }
}
