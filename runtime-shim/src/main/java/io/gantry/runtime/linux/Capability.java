package io.gantry.runtime.linux;

import java.util.List;
import java.util.OptionalInt;

/** The capabilities of capabilities(7) by number and name (linux/capability.h). */
public final class Capability {
  private static final String[] NAMES = {
    "CAP_CHOWN",
    "CAP_DAC_OVERRIDE",
    "CAP_DAC_READ_SEARCH",
    "CAP_FOWNER",
    "CAP_FSETID",
    "CAP_KILL",
    "CAP_SETGID",
    "CAP_SETUID",
    "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE",
    "CAP_NET_BIND_SERVICE",
    "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN",
    "CAP_NET_RAW",
    "CAP_IPC_LOCK",
    "CAP_IPC_OWNER",
    "CAP_SYS_MODULE",
    "CAP_SYS_RAWIO",
    "CAP_SYS_CHROOT",
    "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT",
    "CAP_SYS_ADMIN",
    "CAP_SYS_BOOT",
    "CAP_SYS_NICE",
    "CAP_SYS_RESOURCE",
    "CAP_SYS_TIME",
    "CAP_SYS_TTY_CONFIG",
    "CAP_MKNOD",
    "CAP_LEASE",
    "CAP_AUDIT_WRITE",
    "CAP_AUDIT_CONTROL",
    "CAP_SETFCAP",
    "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN",
    "CAP_SYSLOG",
    "CAP_WAKE_ALARM",
    "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ",
    "CAP_PERFMON",
    "CAP_BPF",
    "CAP_CHECKPOINT_RESTORE",
  };

  /** The highest number that has a name here. */
  public static final int LAST = NAMES.length - 1;

  private Capability() {}

  /** The names of all, in the order of their numbers. */
  public static List<String> names() {
    return List.of(NAMES);
  }

  /**
   * The number of a name such as {@code CAP_SYS_ADMIN}; empty for one that no kernel known to
   * gantry has.
   */
  public static OptionalInt number(String name) {
    for (int i = 0; i < NAMES.length; i++) {
      if (NAMES[i].equals(name)) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }

  /**
   * The name of a number, 0 to {@link #LAST}; a kernel newer than this table may know more, which
   * show as numbers.
   */
  public static String name(int number) {
    return number >= 0 && number <= LAST ? NAMES[number] : "CAP_" + number;
  }

  /** A set of all capabilities from 0 to {@code last}, as bits. */
  public static long all(int last) {
    return last >= 63 ? -1L : (1L << last + 1) - 1;
  }
}
