package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

/** A datagram to a unix socket, which Java has streams to only. */
final class UnixDatagram {
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int FAMILY_BYTES = 2;
  private static final int PATH_BYTES = 108; // unix(7)

  private final Kernel kernel;

  UnixDatagram(Kernel kernel) {
    this.kernel = kernel;
  }

  void send(String socket, byte[] datagram) throws LinuxException {
    String operation = "send to " + socket;
    byte[] name = NativeText.encode(socket);
    if (name.length == 0 || name.length >= PATH_BYTES) {
      throw new IllegalArgumentException("\"" + socket + "\" is no address of a unix socket");
    }
    // A path's address ends with a zero byte; an abstract name begins with one instead.
    boolean isAbstract = name[0] == '@';
    if (isAbstract) {
      name[0] = 0;
    }
    long made = kernel.call(Syscall.SOCKET, AF_UNIX, SOCK_DGRAM_CLOEXEC, 0);
    if (made < 0) {
      throw failure("open a socket to " + operation, made);
    }
    try (Scratch scratch = new Scratch()) {
      long address = scratch.zeroed(FAMILY_BYTES + PATH_BYTES);
      MEMORY.putShort(address, (short) AF_UNIX);
      MEMORY.putByteArray(address + FAMILY_BYTES, name, 0, name.length);
      int length = FAMILY_BYTES + name.length + (isAbstract ? 0 : 1);
      check(operation, kernel.call(Syscall.CONNECT, made, address, length));
      long bytes = scratch.bytes(datagram);
      check(operation, kernel.call(Syscall.WRITE, made, bytes, datagram.length));
    } finally {
      kernel.accept((int) made);
    }
  }

  private static void check(String operation, long result) throws LinuxException {
    if (result < 0) {
      throw failure(operation, result);
    }
  }
}
