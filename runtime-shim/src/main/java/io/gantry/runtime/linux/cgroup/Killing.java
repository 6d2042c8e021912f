package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Processes;
import java.util.List;

/** Kills processes one by one, for kernels and hierarchies without cgroup.kill. */
final class Killing {
  private static final int SIGKILL = 9;

  private Killing() {}

  static void kill(Processes processes, List<Integer> pids) throws LinuxException {
    for (int pid : pids) {
      try {
        processes.kill(pid, SIGKILL);
      } catch (LinuxException e) {
        if (e.errno() != Errno.ESRCH) {
          throw e;
        }
      }
    }
  }
}
