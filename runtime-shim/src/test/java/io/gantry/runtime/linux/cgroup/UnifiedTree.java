package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.MountInfo;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The v2 tree of this machine, which hybrid machines have beside their v1 controllers. */
public final class UnifiedTree {
  private UnifiedTree() {}

  /** The tree as a machine without v1 would see it; limits may lack their controllers. */
  public static Optional<Cgroups> open(Linux linux) throws IOException {
    for (MountInfo mount : linux.mounts().mountInfo()) {
      if (mount.type().equals("cgroup2")) {
        return Optional.of(CgroupTree.open(linux, List.of(mount)));
      }
    }
    return Optional.empty();
  }
}
