package io.gantry.runtime.linux;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What the running kernel is. */
public interface Host {
  KernelVersion kernel() throws LinuxException;

  /** The highest capability number the kernel has (/proc/sys/kernel/cap_last_cap). */
  int lastCapability() throws IOException;

  /** Names this run of the machine: another one after each boot. */
  String bootId() throws LinuxException;

  /**
   * Those of the calls that came after Linux 5.1 and that gantry makes, which this kernel has: an
   * older kernel, or a sandbox around us, answers ENOSYS to the others.
   */
  Set<Syscall> newerCalls();

  /**
   * What the kernel has said lately, oldest first, as dmesg(1) shows it without the times. Takes
   * milliseconds.
   *
   * @throws LinuxException if this process may not read it, as in some containers
   */
  List<String> kernelMessages() throws LinuxException;

  /** The name of a block device, such as {@code vda}; empty if there is none of this number. */
  Optional<String> blockDevice(long major, long minor) throws LinuxException;

  /** The host name of the calling thread's UTS namespace. */
  String hostName() throws LinuxException;

  /**
   * Sets a kernel parameter of the calling thread's namespaces (sysctl(8)), so call it inside
   * {@link Namespaces#visit} for those of a pod.
   *
   * @param name with dots, or with slashes where a part itself holds dots: {@code
   *     net.ipv4.ip_forward}, {@code net/ipv4/conf/eth0.100/forwarding}
   * @throws LinuxException ENOENT if the kernel has no such parameter, EINVAL if it refuses the
   *     value
   * @throws IllegalArgumentException if the name could mean a file that is no parameter
   */
  void setSysctl(String name, String value) throws LinuxException;

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
