package io.gantry.cri.doctor;

import io.gantry.runtime.linux.Host;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Syscall;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The kernel's version and the newer system calls. */
final class KernelCheck implements Check {
  private static final int MAJOR = 5;
  private static final int MINOR = 10;
  private static final String UPGRADE = "apt-get install linux-image-amd64, then reboot";

  /** Without these nothing can be launched. */
  private static final Set<Syscall> NEEDED = EnumSet.of(Syscall.CLOSE_RANGE, Syscall.PIDFD_OPEN);

  private final Host host;

  KernelCheck(Host host) {
    this.host = host;
  }

  @Override
  public List<Finding> examine() {
    try {
      return List.of(version(host.kernel()), calls(host.newerCalls()));
    } catch (LinuxException e) {
      return List.of(Finding.missing("kernel", e.getMessage(), UPGRADE));
    }
  }

  private static Finding version(Host.KernelVersion kernel) {
    return kernel.isAtLeast(MAJOR, MINOR)
        ? Finding.fine("kernel", kernel.release())
        : Finding.missing(
            "kernel", "%s is older than %d.%d".formatted(kernel.release(), MAJOR, MINOR), UPGRADE);
  }

  private static Finding calls(Set<Syscall> present) {
    Set<Syscall> absent =
        EnumSet.of(
            Syscall.CLONE3,
            Syscall.PIDFD_OPEN,
            Syscall.CLOSE_RANGE,
            Syscall.OPENAT2,
            Syscall.MOUNT_SETATTR);
    absent.removeAll(present);
    if (absent.isEmpty()) {
      return Finding.fine(
          "system calls", "clone3, pidfd_open, close_range, openat2, mount_setattr");
    }
    String names = absent.stream().map(Syscall::callName).collect(Collectors.joining(", "));
    return absent.stream().anyMatch(NEEDED::contains)
        ? Finding.missing("system calls", "not in this kernel: " + names, UPGRADE)
        : Finding.advice(
            "system calls",
            names
                + " not in this kernel: slower ways are taken, recursive read-only mounts refused",
            UPGRADE);
  }
}
