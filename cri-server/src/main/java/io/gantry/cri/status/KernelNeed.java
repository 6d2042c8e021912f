package io.gantry.cri.status;

import io.gantry.runtime.linux.Syscall;
import java.util.Optional;

/**
 * What gantry uses of the kernel and not every kernel has: since when it is there, and what follows
 * where it is not. The versions are those that the manual pages and the kernel's documents name.
 */
enum KernelNeed {
  MOUNT_API("open_tree, move_mount, fsopen", "5.2", true, "no container can be created"),
  PIDFD("pidfd_open", "5.3", true, "no container can be run: its end could not be waited for"),
  CLONE3("clone3", "5.3", false, "processes are made by clone and then moved into their cgroup"),
  CLOSE_RANGE(
      "close_range",
      "5.9",
      true,
      "no container can be started: descriptors of the host would stay open in it"),
  OVERLAY("overlay", "3.18", true, "no container can be created: images are layers of an overlay"),
  OPENAT2(
      "openat2",
      "5.6",
      false,
      "paths inside containers are walked one component at a time: as safe, but slower"),
  MOUNT_SETATTR(
      "mount_setattr",
      "5.12",
      false,
      "recursive read-only mounts and mounts with mapped ids are refused"),
  USER_NAMESPACES(
      "user namespaces over overlays with mapped ids",
      "5.19",
      false,
      "pods with a user namespace are refused"),
  SECCOMP(
      "seccomp filters",
      "3.5",
      false,
      "containers fail to start unless their seccomp profile is Unconfined"),
  CGROUP_NAMESPACES("cgroup namespaces", "4.6", false, "containers that ask for one fail to start"),
  CLONE_INTO_CGROUP(
      "CLONE_INTO_CGROUP",
      "5.7",
      false,
      "processes are made by clone and then moved into their cgroup"),
  CGROUP_KILL(
      "cgroup.kill", "5.14", false, "the processes of a container are killed one after another"),
  PRESSURE(
      "pressure stall information",
      "4.20",
      false,
      "statistics and metrics tell no pressure (needs CONFIG_PSI, and no psi=0 at boot)");

  private final String feature;
  private final String since;
  private final boolean essential;
  private final String consequence;

  KernelNeed(String feature, String since, boolean essential, String consequence) {
    this.feature = feature;
    this.since = since;
    this.essential = essential;
    this.consequence = consequence;
  }

  /** What it is called in manual pages. */
  String feature() {
    return feature;
  }

  /** The first Linux version that has it: {@code 5.6}. */
  String since() {
    return since;
  }

  /** Whether no pod can run without it. */
  boolean isEssential() {
    return essential;
  }

  /** What becomes of pods and containers without it. */
  String consequence() {
    return consequence;
  }

  /** The need that a system call serves; empty if gantry does as well without that one. */
  static Optional<KernelNeed> of(Syscall call) {
    return Optional.ofNullable(
        switch (call) {
          case OPEN_TREE, MOVE_MOUNT, FSOPEN -> MOUNT_API;
          case PIDFD_OPEN -> PIDFD;
          case CLONE3 -> CLONE3;
          case CLOSE_RANGE -> CLOSE_RANGE;
          case OPENAT2 -> OPENAT2;
          case MOUNT_SETATTR -> MOUNT_SETATTR;
          default -> null;
        });
  }
}
