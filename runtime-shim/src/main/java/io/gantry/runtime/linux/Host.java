package io.gantry.runtime.linux;

/** What the running kernel is. */
public interface Host {
  KernelVersion kernel() throws LinuxException;

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
