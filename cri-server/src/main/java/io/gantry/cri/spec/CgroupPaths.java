package io.gantry.cri.spec;

/** How the cgroups of containers are named, which depends on who makes them. */
public enum CgroupPaths {
  /** A path below the root of each hierarchy. */
  CGROUPFS {
    @Override
    String of(String parent, String containerId) {
      return (parent.endsWith("/") ? parent : parent + "/") + containerId;
    }
  },
  /** slice:prefix:name, from which systemd names a scope. */
  SYSTEMD {
    @Override
    String of(String parent, String containerId) {
      return parent.substring(parent.lastIndexOf('/') + 1) + ":gantry:" + containerId;
    }
  };

  /** The {@code cgroupsPath} of a container whose pod has this cgroup parent. */
  abstract String of(String parent, String containerId);
}
