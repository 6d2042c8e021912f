package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

import java.time.Duration;

/** A TCP connection to a port of the loopback interface that the calling thread sees. */
final class LoopbackConnection {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_STREAM_CLOEXEC = 1 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_SNDTIMEO = 21;
  private static final int TIMEVAL_BYTES = 16;
  private static final int F_SETFL = 4;
  private static final int O_RDWR = 2;
  private static final int IN6_BYTES = 28; // struct sockaddr_in6; sockaddr_in is shorter
  private static final int IN_BYTES = 16;

  private final Kernel kernel;
  private final int port;
  private final Duration timeout;

  LoopbackConnection(Kernel kernel, int port, Duration timeout) {
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port " + port + " is not between 1 and 65535");
    }
    this.kernel = kernel;
    this.port = port;
    this.timeout = timeout;
  }

  Fd open() throws LinuxException {
    try {
      return connect(AF_INET, "127.0.0.1:" + port);
    } catch (LinuxException e) {
      try {
        return connect(AF_INET6, "[::1]:" + port);
      } catch (LinuxException six) {
        e.addSuppressed(six);
        throw e;
      }
    }
  }

  private Fd connect(int family, String where) throws LinuxException {
    String operation = "connect to " + where;
    long made = kernel.call(Syscall.SOCKET, family, SOCK_STREAM_CLOEXEC, 0);
    if (made < 0) {
      throw failure("open a socket to " + operation, made);
    }
    Fd socket = kernel.own(made);
    try (Scratch scratch = new Scratch()) {
      check(operation, limitTime(socket, scratch));
      check(operation, connect(socket, family, scratch));
      check(operation, kernel.call(Syscall.FCNTL, made, F_SETFL, O_RDWR | FileFlags.O_NONBLOCK));
      return socket;
    } catch (LinuxException e) {
      socket.close();
      throw e;
    }
  }

  /** socket(7): SO_SNDTIMEO bounds connect(2), too, which then fails with EINPROGRESS. */
  private long limitTime(Fd socket, Scratch scratch) {
    long timeval = scratch.zeroed(TIMEVAL_BYTES);
    MEMORY.putLong(timeval, timeout.toSeconds());
    MEMORY.putLong(timeval + 8, timeout.toNanosPart() / 1000);
    return kernel.call(
        Syscall.SETSOCKOPT, socket.number(), SOL_SOCKET, SO_SNDTIMEO, timeval, TIMEVAL_BYTES);
  }

  /** ip(7), ipv6(7): port and address are in network byte order, the family is not. */
  private long connect(Fd socket, int family, Scratch scratch) {
    long address = scratch.zeroed(IN6_BYTES);
    MEMORY.putShort(address, (short) family);
    MEMORY.putByte(address + 2, (byte) (port >> 8));
    MEMORY.putByte(address + 3, (byte) port);
    if (family == AF_INET) {
      MEMORY.putByteArray(address + 4, new byte[] {127, 0, 0, 1}, 0, 4);
    } else {
      MEMORY.putByte(address + 8 + 15, (byte) 1);
    }
    return kernel.call(
        Syscall.CONNECT, socket.number(), address, family == AF_INET ? IN_BYTES : IN6_BYTES);
  }

  private static void check(String operation, long result) throws LinuxException {
    if (result == -Errno.EINPROGRESS) {
      throw failure(operation, -Errno.ETIMEDOUT);
    }
    if (result < 0) {
      throw failure(operation, result);
    }
  }
}
