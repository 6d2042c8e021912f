package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.LinuxException;

/** The pids controller, the same file on v1 and v2. */
final class PidsLimit {
  private PidsLimit() {}

  static void apply(ControlDirectory directory, long limit) throws LinuxException {
    directory.write("pids.max", limit <= 0 ? "max" : Long.toString(limit));
  }
}
