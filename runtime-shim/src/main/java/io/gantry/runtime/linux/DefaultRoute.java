package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;

/** A default route of the network namespace that the calling thread is in, by ioctl(2). */
final class DefaultRoute {
  private static final int AF_INET = 2;
  private static final int AF_INET6 = 10;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int SIOCADDRT = 0x890b;
  private static final int SIOCDELRT = 0x890c;
  private static final int SIOCGIFINDEX = 0x8933;
  private static final int RTF_UP_GATEWAY = 1 | 2;
  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_INDEX = 16;

  // struct rtentry of linux/route.h on 64 bits
  private static final int RTENTRY_BYTES = 120;
  private static final int RT_DST = 8;
  private static final int RT_GATEWAY = 24;
  private static final int RT_GENMASK = 40;
  private static final int RT_FLAGS = 56;
  private static final int RT_DEV = 88;

  // struct in6_rtmsg of linux/ipv6_route.h on 64 bits
  private static final int IN6_RTMSG_BYTES = 80;
  private static final int RTMSG_GATEWAY = 32;
  private static final int RTMSG_METRIC = 56;
  private static final int RTMSG_FLAGS = 72;
  private static final int RTMSG_IFINDEX = 76;
  private static final int IP6_RT_PRIO_USER = 1024;

  private final Kernel kernel;
  private final String interfaceName;
  private final InetAddress gateway;

  DefaultRoute(Kernel kernel, String interfaceName, InetAddress gateway) {
    Bridges.checkName(interfaceName);
    this.kernel = kernel;
    this.interfaceName = interfaceName;
    this.gateway = gateway;
  }

  void add() throws LinuxException {
    long result = change(SIOCADDRT);
    if (result < 0 && result != -Errno.EEXIST) {
      throw failure("route all else by " + this, result);
    }
  }

  void remove() throws LinuxException {
    long result = change(SIOCDELRT);
    // The kernel's words for a route that is not there, or an interface.
    if (result < 0 && result != -Errno.ESRCH && result != -Errno.ENODEV) {
      throw failure("route no more by " + this, result);
    }
  }

  private long change(int ioctl) throws LinuxException {
    boolean ipv4 = gateway instanceof Inet4Address;
    long socket = kernel.call(Syscall.SOCKET, ipv4 ? AF_INET : AF_INET6, SOCK_DGRAM_CLOEXEC, 0);
    if (socket < 0) {
      throw failure("open a socket to route by " + this, socket);
    }
    try (Scratch scratch = new Scratch()) {
      return ipv4 ? ipv4(socket, ioctl, scratch) : ipv6(socket, ioctl, scratch);
    } finally {
      kernel.accept((int) socket);
    }
  }

  private long ipv4(long socket, int ioctl, Scratch scratch) {
    byte[] name = (interfaceName + "\0").getBytes(StandardCharsets.US_ASCII);
    long device = scratch.zeroed(name.length);
    MEMORY.putByteArray(device, name, 0, name.length);
    long entry = scratch.zeroed(RTENTRY_BYTES);
    MEMORY.putShort(entry + RT_DST, (short) AF_INET);
    MEMORY.putShort(entry + RT_GENMASK, (short) AF_INET);
    MEMORY.putShort(entry + RT_GATEWAY, (short) AF_INET);
    MEMORY.putByteArray(entry + RT_GATEWAY + 4, gateway.getAddress(), 0, 4);
    MEMORY.putShort(entry + RT_FLAGS, (short) RTF_UP_GATEWAY);
    MEMORY.putLong(entry + RT_DEV, device);
    return kernel.call(Syscall.IOCTL, socket, ioctl, entry);
  }

  private long ipv6(long socket, int ioctl, Scratch scratch) {
    long request = scratch.zeroed(IFREQ_BYTES);
    Bridges.putName(request, interfaceName);
    long found = kernel.call(Syscall.IOCTL, socket, SIOCGIFINDEX, request);
    if (found < 0) {
      return found;
    }
    long message = scratch.zeroed(IN6_RTMSG_BYTES);
    MEMORY.putByteArray(message + RTMSG_GATEWAY, gateway.getAddress(), 0, 16);
    MEMORY.putInt(message + RTMSG_METRIC, IP6_RT_PRIO_USER);
    MEMORY.putInt(message + RTMSG_FLAGS, RTF_UP_GATEWAY);
    MEMORY.putInt(message + RTMSG_IFINDEX, MEMORY.getInt(request + IFREQ_INDEX));
    return kernel.call(Syscall.IOCTL, socket, ioctl, message);
  }

  @Override
  public String toString() {
    return gateway.getHostAddress() + " at interface " + interfaceName;
  }
}
