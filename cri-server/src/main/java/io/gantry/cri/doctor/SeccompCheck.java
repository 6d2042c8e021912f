package io.gantry.cri.doctor;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Processes;
import java.util.List;

/** Whether the kernel filters system calls. */
final class SeccompCheck implements Check {
  private static final int PR_SET_SECCOMP = 22;
  private static final int SECCOMP_MODE_FILTER = 2;

  private final Processes processes;

  SeccompCheck(Processes processes) {
    this.processes = processes;
  }

  /** A filter at address 0 is refused with EFAULT where there are filters (prctl(2)). */
  @Override
  public List<Finding> examine() {
    int errno = 0;
    try {
      processes.prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, 0, 0, 0);
    } catch (LinuxException e) {
      errno = e.errno();
    }
    return List.of(
        errno == Errno.EFAULT || errno == Errno.EACCES
            ? Finding.fine("seccomp", "filters are supported")
            : Finding.missing(
                "seccomp",
                "this kernel has no filters, and nearly every container asks for one",
                "run a kernel of the distribution: it has CONFIG_SECCOMP_FILTER"));
  }
}
