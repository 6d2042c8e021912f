package io.gantry.runtime.launch;

import io.gantry.runtime.launch.LaunchImage.CloneCall;
import io.gantry.runtime.linux.Architecture;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Memory;
import java.util.List;

/**
 * Starts processes by plans. Thread-safe: each launch has memory of its own, and only the calling
 * thread waits for it.
 *
 * <p>No Java can run between clone and execve: the child has one thread and, by CLONE_VM, this
 * process's memory, whose locks and heap belong to threads it does not have. So machine code
 * carries out the plan, with all signals blocked, and leaves word of its progress in the launch's
 * memory.
 */
public final class Launcher {
  private final Linux linux;
  private final Architecture architecture;
  private final long trampoline;

  /** Set once clone3(2) turned out to be missing, so that it is not asked for again. */
  private volatile boolean withoutClone3;

  /**
   * Loads the machine code.
   *
   * @throws LinuxException if the system forbids executable memory, as SELinux can
   */
  public Launcher(Linux linux) throws LinuxException {
    this.linux = linux;
    this.architecture = Architecture.current();
    this.trampoline = linux.memory().load(Trampoline.code(architecture));
  }

  /**
   * Makes a child, has it carry out the plan, and returns when it runs its program. Blocks the
   * calling thread for that long, a millisecond or so. The child inherits what is per thread:
   * namespaces entered, the PID namespace for children, the cgroup.
   *
   * @throws LaunchException if a step fails; the child is gone and reaped by then
   */
  public Launched launch(LaunchPlan plan, CloneOptions options) throws LaunchException {
    try {
      if (!withoutClone3) {
        Launched launched = launch(plan, options, CloneCall.CLONE3);
        if (launched != null) {
          return launched;
        }
      }
      return launch(plan, options, CloneCall.CLONE);
    } catch (LinuxException e) {
      throw new LaunchException(e.operation(), e.errno(), false);
    }
  }

  /**
   * Carries out a plan that comes to nothing, so that the first true launch finds its classes
   * loaded and its code known: that launch takes a millisecond then rather than ten. For processes
   * that wait for work anyway.
   */
  public void rehearse() {
    try {
      launch(
          LaunchPlan.builder().closeDescriptorsFrom(3).execute("", List.of(), List.of(), List.of()),
          CloneOptions.plain());
    } catch (LaunchException expected) {
      // There is no program to execute.
    }
  }

  /** Returns {@code null} if there is no such clone call here. */
  private Launched launch(LaunchPlan plan, CloneOptions options, CloneCall call)
      throws LaunchException, LinuxException {
    LaunchImage image = new LaunchImage(plan, options, call, architecture);
    try (Memory.Mapping memory = linux.memory().map(image.sizeBytes())) {
      image.placeIn(memory);
      long pid = linux.memory().call(trampoline, memory.address());
      if (pid < 0) {
        if (call == CloneCall.CLONE3 && pid == -Errno.ENOSYS) {
          withoutClone3 = true;
          return null;
        }
        if (call == CloneCall.CLONE3 && pid == -Errno.E2BIG) {
          // Before 5.7 clone3's structure ends before the field for the cgroup.
          return null;
        }
        if (call == CloneCall.CLONE3 && pid == -Errno.EPERM) {
          // Either the privilege is missing, which clone will find too, or a filter answers so to
          // calls it does not know.
          return null;
        }
        throw new LaunchException("make a process with " + options, (int) -pid, false);
      }
      Fd pidfd = linux.files().own((int) memory.getLong(LaunchImage.PIDFD));
      int step = image.currentStep(memory);
      if (memory.getLong(LaunchImage.FAILED) != 0) {
        reap(pidfd);
        throw image.failure(memory, step);
      }
      if (step < 0 || !image.step(step).isExecute()) {
        reap(pidfd);
        String name = step < 0 ? "start the child" : image.step(step).name();
        throw new LaunchException(name, "the process was killed there");
      }
      return new Launched((int) pid, pidfd);
    }
  }

  private void reap(Fd pidfd) throws LinuxException {
    try (pidfd) {
      linux.processes().await(pidfd);
    } catch (LinuxException e) {
      // A reaper of all children may have been faster.
      if (e.errno() != Errno.ECHILD) {
        throw e;
      }
    }
  }
}
