package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

import java.io.IOException;
import java.util.EnumSet;
import java.util.Set;

/** {@link Host} by uname(2) and /proc/sys. */
final class NativeHost implements Host {
  private static final int FIELD_BYTES = 65;

  private static final Set<Syscall> NEWER =
      EnumSet.of(
          Syscall.OPEN_TREE,
          Syscall.MOVE_MOUNT,
          Syscall.FSOPEN,
          Syscall.PIDFD_OPEN,
          Syscall.CLONE3,
          Syscall.CLOSE_RANGE,
          Syscall.OPENAT2,
          Syscall.MOUNT_SETATTR);

  private final Kernel kernel;
  private final Files files;

  NativeHost(Kernel kernel, Files files) {
    this.kernel = kernel;
    this.files = files;
  }

  @Override
  public KernelVersion kernel() throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long names = scratch.zeroed(6 * FIELD_BYTES);
      long result = kernel.call(Syscall.UNAME, names);
      if (result < 0) {
        throw failure("ask for the kernel's version", result);
      }
      return parse(NativeText.decode(MEMORY.getZeroTerminatedByteArray(names + 2L * FIELD_BYTES)));
    }
  }

  @Override
  public Set<Syscall> newerCalls() {
    EnumSet<Syscall> present = EnumSet.noneOf(Syscall.class);
    for (Syscall each : NEWER) {
      // Each refuses a descriptor or address of -1, or a structure of size 0, before it does
      // anything.
      if (kernel.call(each, -1) != -Errno.ENOSYS) {
        present.add(each);
      }
    }
    return present;
  }

  @Override
  public int lastCapability() throws IOException {
    return Integer.parseInt(files.readText("/proc/sys/kernel/cap_last_cap").strip());
  }

  static KernelVersion parse(String release) {
    int dot = release.indexOf('.');
    int major = dot < 0 ? 0 : Integer.parseInt(release.substring(0, dot));
    int end = dot + 1;
    while (end < release.length() && Character.isDigit(release.charAt(end))) {
      end++;
    }
    int minor = end == dot + 1 ? 0 : Integer.parseInt(release.substring(dot + 1, end));
    return new KernelVersion(major, minor, release);
  }
}
