package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import java.time.Duration;
import java.util.List;

/** Removes a cgroup's directory with those below it. */
final class Removal {
  /** A killed process leaves its cgroup only when it has let go of its memory. */
  private static final Duration LIMIT = Duration.ofSeconds(10);

  private Removal() {}

  /** One try; says whether the directory is gone. False if a process is in it or below. */
  static boolean tryRemove(ControlDirectory directory) throws LinuxException {
    try {
      directory.remove();
      return true;
    } catch (LinuxException e) {
      if (e.errno() != Errno.EBUSY) {
        throw e;
      }
    }
    List<ControlDirectory> tree = directory.tree();
    if (tree.size() == 1) {
      return false;
    }
    try {
      for (int i = tree.size() - 1; i >= 0; i--) {
        tree.get(i).remove();
      }
      return true;
    } catch (LinuxException e) {
      if (e.errno() != Errno.EBUSY) {
        throw e;
      }
      return false;
    }
  }

  static void remove(ControlDirectory directory) throws LinuxException {
    Patience patience = new Patience(LIMIT);
    while (true) {
      try {
        if (!directory.exists()) {
          return;
        }
        List<ControlDirectory> tree = directory.tree();
        for (int i = tree.size() - 1; i >= 0; i--) {
          tree.get(i).remove();
        }
        return;
      } catch (LinuxException e) {
        if (e.errno() != Errno.EBUSY || !patience.pause()) {
          throw e;
        }
      }
    }
  }
}
