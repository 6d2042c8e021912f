package io.gantry.cri.spec;

/** How the cgroups of containers are named, which depends on who makes them. */
@FunctionalInterface
public interface CgroupPaths {
  /** The {@code cgroupsPath} of a container in a pod of this cgroup. */
  String of(String pod, String containerId);
}
