package io.gantry.cri.spec;

/**
 * Names the cgroups of containers.
 *
 * @param defaultParent for pods that name none
 * @param systemd whether systemd makes the cgroups, which wants slice:prefix:name
 */
public record CgroupPaths(String defaultParent, boolean systemd) {
  private static final String PREFIX = "gantry";

  /**
   * The {@code cgroupsPath} of a container whose pod has this cgroup parent, which may be empty.
   */
  String of(String podParent, String containerId) {
    String parent = podParent.isEmpty() ? defaultParent : podParent;
    if (systemd) {
      String slice = parent.substring(parent.lastIndexOf('/') + 1);
      return slice + ":" + PREFIX + ":" + containerId;
    }
    return (parent.endsWith("/") ? parent : parent + "/") + containerId;
  }
}
