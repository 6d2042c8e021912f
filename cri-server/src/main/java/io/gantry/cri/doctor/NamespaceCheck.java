package io.gantry.cri.doctor;

import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.Namespaces;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Whether the kernel has the kinds of namespaces, and whether we may make them. */
final class NamespaceCheck implements Check {
  private static final Set<NamespaceKind> NEEDED =
      EnumSet.of(
          NamespaceKind.MOUNT,
          NamespaceKind.PID,
          NamespaceKind.NETWORK,
          NamespaceKind.IPC,
          NamespaceKind.UTS);
  private static final Set<NamespaceKind> WANTED =
      EnumSet.of(NamespaceKind.CGROUP, NamespaceKind.USER);

  private final Namespaces namespaces;

  NamespaceCheck(Namespaces namespaces) {
    this.namespaces = namespaces;
  }

  @Override
  public List<Finding> examine() {
    List<Finding> findings = new ArrayList<>();
    List<String> absent = absent(NEEDED);
    if (absent.isEmpty()) {
      findings.add(permission());
    } else {
      findings.add(
          Finding.missing(
              "namespaces",
              "not in this kernel: " + String.join(", ", absent),
              "run a kernel of the distribution: it has all namespaces"));
    }
    List<String> unwanted = absent(WANTED);
    if (!unwanted.isEmpty()) {
      findings.add(
          Finding.advice(
              "namespaces",
              "not in this kernel: " + String.join(", ", unwanted) + "; pods that need them fail",
              "run a kernel of the distribution: it has all namespaces"));
    }
    return findings;
  }

  private List<String> absent(Set<NamespaceKind> kinds) {
    List<String> absent = new ArrayList<>();
    for (NamespaceKind kind : kinds) {
      try {
        namespaces.current(kind).close();
      } catch (LinuxException e) {
        absent.add(kind.procName());
      }
    }
    return absent;
  }

  private Finding permission() {
    try {
      namespaces.create(NamespaceKind.UTS).close();
      return Finding.fine("namespaces", "mnt, pid, net, ipc, uts");
    } catch (LinuxException e) {
      return Finding.missing(
          "namespaces",
          e.getMessage(),
          "run gantryd as root, with CAP_SYS_ADMIN if in a container");
    }
  }
}
