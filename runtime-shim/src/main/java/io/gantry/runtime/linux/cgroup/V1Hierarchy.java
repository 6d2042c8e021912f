package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.MountInfo;
import java.util.ArrayList;
import java.util.List;

/**
 * A mounted v1 hierarchy.
 *
 * @param name its controllers joined by commas, or the name of a hierarchy without any
 * @param controllers such as cpu and cpuacct; empty for a named hierarchy
 * @param root the mount point
 */
record V1Hierarchy(String name, List<String> controllers, ControlDirectory root) {
  private static final List<String> KNOWN =
      List.of(
          "cpu",
          "cpuacct",
          "cpuset",
          "memory",
          "devices",
          "freezer",
          "blkio",
          "pids",
          "hugetlb",
          "net_cls",
          "net_prio",
          "perf_event",
          "rdma",
          "misc");

  V1Hierarchy {
    controllers = List.copyOf(controllers);
  }

  static V1Hierarchy of(Files files, MountInfo mount) {
    List<String> controllers = new ArrayList<>();
    String name = null;
    for (String option : mount.superOptions().split(",")) {
      if (option.startsWith("name=")) {
        name = option.substring("name=".length());
      } else if (KNOWN.contains(option)) {
        controllers.add(option);
      }
    }
    if (name == null) {
      name = String.join(",", controllers);
    }
    return new V1Hierarchy(name, controllers, new ControlDirectory(files, mount.target()));
  }
}
