package io.gantry.runtime.linux;

import java.io.IOException;
import java.util.Set;

/** What the running kernel is. */
public interface Host {
  KernelVersion kernel() throws LinuxException;

  /** The highest capability number the kernel has (/proc/sys/kernel/cap_last_cap). */
  int lastCapability() throws IOException;

  /**
   * Those of the calls that came after Linux 5.1 and that gantry makes, which this kernel has: an
   * older kernel, or a sandbox around us, answers ENOSYS to the others.
   */
  Set<Syscall> newerCalls();

  /**
   * A kernel's version.
   *
   * @param release all of it, such as {@code 6.1.0-13-amd64}
   */
  record KernelVersion(int major, int minor, String release) {
    /** Whether this kernel is at least {@code major.minor}. */
    public boolean isAtLeast(int otherMajor, int otherMinor) {
      return major > otherMajor || major == otherMajor && minor >= otherMinor;
    }
  }
}
