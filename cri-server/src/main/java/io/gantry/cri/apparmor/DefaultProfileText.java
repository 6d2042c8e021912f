package io.gantry.cri.apparmor;

import java.util.List;

/**
 * gantry's default AppArmor profile, in the language of apparmor.d(5). It lets a container do what
 * its capabilities and mounts allow, but for what would reach the host through the kernel's own
 * filesystems, and lets it trace and signal nobody but itself. It names no other file, so that it
 * means the same on every distribution.
 */
final class DefaultProfileText {
  static final String NAME = "gantry-default";

  /**
   * Files of /proc and /sys that change or show the host. What belongs to processes, and the pod's
   * own parameters (net, kernel/shm*), stay writable as far as mounts allow.
   */
  private static final List<String> DENIED =
      List.of(
          "/proc/* w",
          "/proc/[^1-9s]*/** w",
          "/proc/s[^y]*/** w",
          "/proc/sys/[^kn]** w",
          "/proc/sys/kernel/[^s]** w",
          "/proc/sys/kernel/s[^h]** w",
          "/proc/sys/kernel/sh[^m]** w",
          "/proc/{kcore,kmem,mem,sysrq-trigger} rwklx",
          "/sys/{block,bus,class,dev,devices,hypervisor,kernel,module,power}/** wklx",
          "/sys/fs/{bpf,btrfs,ext4,f2fs,fuse,pstore,resctrl,selinux,smackfs,xfs}/** wklx",
          "/sys/{firmware,kernel/security,devices/virtual/powercap}/** rwklx");

  private DefaultProfileText() {}

  static String text() {
    StringBuilder text = new StringBuilder();
    // Mounts of the container are outside of the host's tree, and files may be deleted while open.
    text.append("profile ").append(NAME).append(" flags=(attach_disconnected,mediate_deleted) {\n");
    for (String allowed : List.of("network", "capability", "file", "umount")) {
      text.append("  ").append(allowed).append(",\n");
    }
    text.append("  signal (receive) peer=unconfined,\n");
    text.append("  signal (send, receive) peer=").append(NAME).append(",\n");
    text.append("  ptrace (trace, read, tracedby, readby) peer=").append(NAME).append(",\n");
    text.append("  deny mount,\n");
    for (String denied : DENIED) {
      text.append("  deny ").append(denied).append(",\n");
    }
    return text.append("}\n").toString();
  }
}
