package io.gantry.cri.status;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Host;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.Syscall;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Asks the kernel for each {@link KernelNeed}, by trying it wherever that leaves no trace. */
final class KernelProbe {
  private static final int PR_SET_SECCOMP = 22;
  private static final int SECCOMP_MODE_FILTER = 2;
  private static final String PRESSURE = "/proc/pressure/cpu";

  /** Calls that {@link Host#newerCalls} tells of. */
  private static final List<Syscall> CALLS =
      List.of(
          Syscall.OPEN_TREE,
          Syscall.MOVE_MOUNT,
          Syscall.FSOPEN,
          Syscall.PIDFD_OPEN,
          Syscall.CLONE3,
          Syscall.CLOSE_RANGE,
          Syscall.OPENAT2,
          Syscall.MOUNT_SETATTR);

  private final Linux linux;
  private final Map<KernelNeed, String> found = new EnumMap<>(KernelNeed.class);

  private KernelProbe(Linux linux) {
    this.linux = linux;
  }

  /**
   * What is missing.
   *
   * @param calls those of the newer system calls that there are
   * @param userNamespaceProblem why containers cannot have user namespaces; empty if they can
   */
  static List<Lack> lacks(
      Linux linux,
      Set<Syscall> calls,
      Optional<String> userNamespaceProblem,
      Cgroups.Version cgroups)
      throws LinuxException {
    KernelProbe probe = new KernelProbe(linux);
    probe.calls(calls);
    userNamespaceProblem.ifPresent(problem -> probe.found.put(KernelNeed.USER_NAMESPACES, problem));
    if (calls.contains(Syscall.FSOPEN)) {
      probe.overlay();
    }
    probe.seccomp();
    probe.cgroupNamespaces();
    probe.pressure();
    if (cgroups == Cgroups.Version.V2) {
      probe.cgroups(linux.host().kernel());
    }
    List<Lack> lacks = new ArrayList<>();
    probe.found.forEach((need, words) -> lacks.add(new Lack(need, words)));
    return lacks;
  }

  private void calls(Set<Syscall> present) {
    for (Syscall call : CALLS) {
      if (!present.contains(call)) {
        String words = call.callName() + ": " + Errno.describe(Errno.ENOSYS);
        KernelNeed.of(call).ifPresent(need -> found.merge(need, words, (a, b) -> a + ", " + b));
      }
    }
  }

  /** fsopen(2) loads the module, and says ENODEV if there is none. */
  private void overlay() {
    try {
      linux.mounts().openFileSystem("overlay").close();
    } catch (LinuxException e) {
      found.put(KernelNeed.OVERLAY, e.getMessage());
    }
  }

  /** A filter at address 0 is refused with EFAULT where there are filters (prctl(2)). */
  private void seccomp() {
    try {
      linux.processes().prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, 0, 0);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EFAULT && e.errno() != Errno.EACCES) {
        found.put(KernelNeed.SECCOMP, e.getMessage());
      }
    }
  }

  private void cgroupNamespaces() {
    try {
      linux.namespaces().current(NamespaceKind.CGROUP).close();
    } catch (LinuxException e) {
      found.put(KernelNeed.CGROUP_NAMESPACES, e.getMessage());
    }
  }

  /** Opening it fails with EOPNOTSUPP where pressure is switched off at boot. */
  private void pressure() {
    try (Fd file = linux.files().open(Fd.CWD, PRESSURE, FileFlags.O_RDONLY, 0)) {
      linux.files().read(file, new byte[1], 0, 1);
    } catch (LinuxException e) {
      found.put(KernelNeed.PRESSURE, e.getMessage());
    }
  }

  /** By the version: to try these takes a cgroup and a process. */
  private void cgroups(Host.KernelVersion kernel) {
    if (!kernel.isAtLeast(5, 7)) {
      found.put(KernelNeed.CLONE_INTO_CGROUP, "kernel " + kernel.release());
    }
    if (!kernel.isAtLeast(5, 14)) {
      found.put(KernelNeed.CGROUP_KILL, "kernel " + kernel.release());
    }
  }
}
