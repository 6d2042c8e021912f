package io.gantry.runtime.linux;

import java.util.Locale;

/** A kind of namespace: its clone flag (namespaces(7)) and its name below /proc/PID/ns. */
public enum NamespaceKind {
  MOUNT(0x00020000, "mnt"),
  CGROUP(0x02000000, "cgroup"),
  UTS(0x04000000, "uts"),
  IPC(0x08000000, "ipc"),
  USER(0x10000000, "user"),
  PID(0x20000000, "pid"),
  NETWORK(0x40000000, "net"),
  TIME(0x00000080, "time");

  private final int cloneFlag;
  private final String procName;

  NamespaceKind(int cloneFlag, String procName) {
    this.cloneFlag = cloneFlag;
    this.procName = procName;
  }

  /** CLONE_NEWNS and so on. */
  public int cloneFlag() {
    return cloneFlag;
  }

  /** The flag's name in the manual pages. */
  public String cloneFlagName() {
    return this == MOUNT ? "CLONE_NEWNS" : "CLONE_NEW" + procName.toUpperCase(Locale.ROOT);
  }

  /** The file's name below /proc/PID/ns. */
  public String procName() {
    return procName;
  }
}
