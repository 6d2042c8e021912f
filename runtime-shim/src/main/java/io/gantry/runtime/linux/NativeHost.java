package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

/** {@link Host} by uname(2). */
final class NativeHost implements Host {
  private static final int FIELD_BYTES = 65;

  private final Kernel kernel;

  NativeHost(Kernel kernel) {
    this.kernel = kernel;
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
