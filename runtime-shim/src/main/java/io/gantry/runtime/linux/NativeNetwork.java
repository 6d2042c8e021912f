package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** {@link Network} by ioctl(2) (netdevice(7)) and /proc/PID/net/dev. */
final class NativeNetwork implements Network {
  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 0x80000;
  private static final int SIOCGIFFLAGS = 0x8913;
  private static final int SIOCSIFFLAGS = 0x8914;
  private static final int IFF_UP = 1;
  private static final int IFREQ_BYTES = 40;
  private static final int IFREQ_FLAGS = 16;

  private final Kernel kernel;
  private final Files files;
  private final Namespaces namespaces;

  NativeNetwork(Kernel kernel, Files files, Namespaces namespaces) {
    this.kernel = kernel;
    this.files = files;
    this.namespaces = namespaces;
  }

  @Override
  public void bringLoopbackUp(Fd networkNamespace) throws IOException {
    namespaces.visit(
        visitTo(networkNamespace),
        () -> {
          raiseLoopback();
          return null;
        });
  }

  private static Set<Namespaces.Visit> visitTo(Fd networkNamespace) {
    return Set.of(new Namespaces.Visit(networkNamespace, NamespaceKind.NETWORK));
  }

  private void raiseLoopback() throws LinuxException {
    long socket = kernel.call(Syscall.SOCKET, AF_INET, SOCK_DGRAM_CLOEXEC, 0);
    if (socket < 0) {
      throw failure("open a socket to bring lo up", socket);
    }
    try (Scratch scratch = new Scratch()) {
      long request = scratch.zeroed(IFREQ_BYTES);
      MEMORY.putByteArray(request, new byte[] {'l', 'o', 0}, 0, 3);
      long result = kernel.call(Syscall.IOCTL, socket, SIOCGIFFLAGS, request);
      if (result < 0) {
        throw failure("read flags of lo", result);
      }
      short flags = MEMORY.getShort(request + IFREQ_FLAGS);
      MEMORY.putShort(request + IFREQ_FLAGS, (short) (flags | IFF_UP));
      result = kernel.call(Syscall.IOCTL, socket, SIOCSIFFLAGS, request);
      if (result < 0) {
        throw failure("bring lo up", result);
      }
    } finally {
      kernel.accept((int) socket);
    }
  }

  @Override
  public List<InterfaceCounters> counters(int pid) throws IOException {
    return parse(files.readText("/proc/" + pid + "/net/dev"));
  }

  @Override
  public List<InterfaceCounters> counters(Fd networkNamespace) throws IOException {
    return namespaces.visit(
        visitTo(networkNamespace), () -> parse(files.readText("/proc/thread-self/net/dev")));
  }

  @Override
  public Fd connectToLoopback(Optional<Fd> networkNamespace, int port, Duration timeout)
      throws IOException {
    LoopbackConnection connection = new LoopbackConnection(kernel, port, timeout);
    return networkNamespace.isPresent()
        ? namespaces.visit(visitTo(networkNamespace.get()), connection::open)
        : connection.open();
  }

  @Override
  public boolean hasInterface(String name) {
    return new Bridges(kernel, files).isThere(name);
  }

  @Override
  public void createBridge(String name) throws LinuxException {
    new Bridges(kernel, files).create(name);
  }

  @Override
  public void removeBridge(String name) throws LinuxException {
    new Bridges(kernel, files).remove(name);
  }

  @Override
  public void isolatePort(String port) throws IOException {
    new Bridges(kernel, files).isolatePort(port);
  }

  @Override
  public List<Route> routes() throws IOException {
    return new RoutingTable(files).routes();
  }

  @Override
  public void addDefaultRoute(Fd networkNamespace, String interfaceName, InetAddress gateway)
      throws IOException {
    namespaces.visit(
        visitTo(networkNamespace),
        () -> {
          new DefaultRoute(kernel, interfaceName, gateway).add();
          return null;
        });
  }

  @Override
  public void removeDefaultRoute(Fd networkNamespace, String interfaceName, InetAddress gateway)
      throws IOException {
    namespaces.visit(
        visitTo(networkNamespace),
        () -> {
          new DefaultRoute(kernel, interfaceName, gateway).remove();
          return null;
        });
  }

  @Override
  public void send(String socket, byte[] datagram) throws LinuxException {
    new UnixDatagram(kernel).send(socket, datagram);
  }

  /** Two heading lines, then {@code name:} and 16 numbers: 8 received, 8 sent (proc_pid_net(5)). */
  static List<InterfaceCounters> parse(String table) throws IOException {
    List<InterfaceCounters> all = new ArrayList<>();
    for (String line : table.split("\n")) {
      int colon = line.lastIndexOf(':');
      if (colon < 0) {
        continue;
      }
      long[] numbers = numbers(line, colon + 1);
      all.add(
          new InterfaceCounters(
              line.substring(0, colon).strip(),
              numbers[0],
              numbers[1],
              numbers[2],
              numbers[3],
              numbers[8],
              numbers[9],
              numbers[10],
              numbers[11]));
    }
    return all;
  }

  private static long[] numbers(String line, int from) throws IOException {
    long[] numbers = new long[16];
    int at = from;
    for (int i = 0; i < numbers.length; i++) {
      while (at < line.length() && line.charAt(at) == ' ') {
        at++;
      }
      int start = at;
      while (at < line.length() && line.charAt(at) != ' ') {
        at++;
      }
      try {
        numbers[i] = Long.parseUnsignedLong(line.substring(start, at));
      } catch (NumberFormatException e) {
        throw new IOException("not a line of net/dev: " + line, e);
      }
    }
    return numbers;
  }
}
