package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciCpu;

/** The cpuset controller, see cpuset(7). */
final class V1Cpuset {
  private V1Cpuset() {}

  /** A new cpuset is empty, and nothing can run in it before it has CPUs and memory nodes. */
  static void inherit(ControlDirectory root, String path) throws LinuxException {
    int slash = path.lastIndexOf('/');
    ControlDirectory parent = slash == 0 ? root : root.below(path.substring(0, slash));
    ControlDirectory directory = root.below(path);
    for (String name : new String[] {"cpuset.cpus", "cpuset.mems"}) {
      if (directory.readIfPresent(name).isEmpty()) {
        directory.write(name, parent.read(name));
      }
    }
  }

  static void apply(ControlDirectory directory, OciCpu cpu) throws LinuxException {
    if (cpu.cpus().isPresent()) {
      directory.write("cpuset.cpus", cpu.cpus().get());
    }
    if (cpu.mems().isPresent()) {
      directory.write("cpuset.mems", cpu.mems().get());
    }
  }
}
