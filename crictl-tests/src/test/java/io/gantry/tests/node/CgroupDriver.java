package io.gantry.tests.node;

/** Who makes a node's cgroups. */
public enum CgroupDriver {
  /** The runtime, as directories. */
  CGROUPFS("cgroupfs"),
  /** systemd, as slices and scopes. */
  SYSTEMD("systemd");

  private final String key;

  CgroupDriver(String key) {
    this.key = key;
  }

  /** {@code -Dgantry.tests.cgroup-driver}, or cgroupfs. */
  public static CgroupDriver usual() {
    return System.getProperty("gantry.tests.cgroup-driver", "cgroupfs").equals("systemd")
        ? SYSTEMD
        : CGROUPFS;
  }

  /** As the configuration has it. */
  String key() {
    return key;
  }

  /** The parent of a node's pods, as a kubelet of this driver would name it. */
  String parent(NodeDirectory node) {
    return this == SYSTEMD ? node.slice() : node.cgroupParent();
  }
}
