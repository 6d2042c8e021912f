package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

import java.nio.charset.StandardCharsets;

/** Bridges of gantry's own network namespace, by ioctl(2) (netdevice(7)) and sysfs. */
final class Bridges {
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int SIOCGIFFLAGS = 0x8913;
  private static final int SIOCSIFFLAGS = 0x8914;
  private static final int SIOCBRADDBR = 0x89a0;
  private static final int SIOCBRDELBR = 0x89a1;
  private static final int IFF_UP = 1;
  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_FLAGS = 16;
  private static final int MAX_NAME_BYTES = 15; // IFNAMSIZ without its end

  private final Kernel kernel;
  private final Files files;

  Bridges(Kernel kernel, Files files) {
    this.kernel = kernel;
    this.files = files;
  }

  boolean isThere(String name) {
    checkName(name);
    try {
      files.open(Fd.CWD, "/sys/class/net/" + name, FileFlags.O_PATH, 0).close();
      return true;
    } catch (LinuxException e) {
      return false;
    }
  }

  void create(String name) throws LinuxException {
    onSocket("make bridge " + name, SIOCBRADDBR, name);
  }

  /** A bridge that is up cannot go: EBUSY. */
  void remove(String name) throws LinuxException {
    try {
      lower(name);
      onSocket("remove bridge " + name, SIOCBRDELBR, name);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENXIO && e.errno() != Errno.ENODEV) {
        throw e;
      }
    }
  }

  /** Linux 4.18 and later; Documentation/ABI/testing/sysfs-class-net has brport/. */
  void isolatePort(String port) throws LinuxException {
    checkName(port);
    String file = "/sys/class/net/" + port + "/brport/isolated";
    try (Fd switched = files.open(Fd.CWD, file, FileFlags.O_WRONLY, 0)) {
      byte[] on = {'1'};
      files.write(switched, on, 0, on.length);
    }
  }

  private void lower(String name) throws LinuxException {
    checkName(name);
    String operation = "take interface " + name + " down";
    int socket = socket(operation);
    try (Scratch scratch = new Scratch()) {
      long request = scratch.zeroed(IFREQ_BYTES);
      putName(request, name);
      check(operation, kernel.call(Syscall.IOCTL, socket, SIOCGIFFLAGS, request));
      short flags = MEMORY.getShort(request + IFREQ_FLAGS);
      MEMORY.putShort(request + IFREQ_FLAGS, (short) (flags & ~IFF_UP));
      check(operation, kernel.call(Syscall.IOCTL, socket, SIOCSIFFLAGS, request));
    } finally {
      kernel.accept(socket);
    }
  }

  private void onSocket(String operation, int ioctl, String name) throws LinuxException {
    checkName(name);
    int socket = socket(operation);
    try (Scratch scratch = new Scratch()) {
      long text = scratch.zeroed(MAX_NAME_BYTES + 1);
      putName(text, name);
      check(operation, kernel.call(Syscall.IOCTL, socket, ioctl, text));
    } finally {
      kernel.accept(socket);
    }
  }

  private int socket(String operation) throws LinuxException {
    long socket = kernel.call(Syscall.SOCKET, AF_INET, SOCK_DGRAM_CLOEXEC, 0);
    check("open a socket to " + operation, socket);
    return (int) socket;
  }

  static void putName(long address, String name) {
    byte[] bytes = name.getBytes(StandardCharsets.US_ASCII);
    MEMORY.putByteArray(address, bytes, 0, bytes.length);
  }

  /** What the kernel takes as a name: dev_valid_name() in net/core/dev.c. */
  static void checkName(String name) {
    if (name.isEmpty()
        || name.length() > MAX_NAME_BYTES
        || name.equals(".")
        || name.equals("..")
        || name.chars().anyMatch(c -> c <= ' ' || c >= 0x7f || c == '/' || c == ':')) {
      throw new IllegalArgumentException(
          "\"%s\" cannot name an interface: 1 to %d characters without space, / and :"
              .formatted(name, MAX_NAME_BYTES));
    }
  }

  private static void check(String operation, long result) throws LinuxException {
    if (result < 0) {
      throw failure(operation, result);
    }
  }
}
