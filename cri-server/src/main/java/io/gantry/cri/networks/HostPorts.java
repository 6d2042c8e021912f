package io.gantry.cri.networks;

import com.google.common.net.InetAddresses;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import java.io.Closeable;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ports of the machine that lead to pods. Packets are led by the packet filter before any socket
 * sees them, so each port is held by a socket of ours as well: whoever else wants it learns that it
 * is taken, as would we. Thread-safe.
 */
final class HostPorts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(HostPorts.class);
  private static final int FIRST_DYNAMIC = 49152; // RFC 6335
  private static final int DYNAMIC = 65536 - FIRST_DYNAMIC;
  private static final int TRIES = 32;

  private final Map<String, List<Closeable>> held = new ConcurrentHashMap<>();

  /**
   * Takes ports for an endpoint, all or none.
   *
   * @param holder says who has a port, if it is one that gantry knows
   * @return the same with the numbers that were found
   * @throws CriException WRONG_STATE naming the port that cannot be had, and who has it
   */
  List<HostPort> take(
      String endpointId, List<HostPort> wanted, Function<HostPort, Optional<String>> holder) {
    List<Closeable> sockets = new ArrayList<>();
    List<HostPort> taken = new ArrayList<>();
    try {
      for (HostPort port : wanted) {
        HostPort found = port.hostPort() == 0 ? free(port, taken, holder, sockets) : port;
        if (port.hostPort() != 0) {
          checkFree(port, taken, holder);
          hold(port, sockets);
        }
        taken.add(found);
      }
    } catch (IOException | RuntimeException e) {
      close(sockets);
      throw e instanceof CriException cri
          ? cri
          : new CriException(Failure.INTERNAL, "publish ports: " + e.getMessage(), e);
    }
    held.put(endpointId, sockets);
    return taken;
  }

  /**
   * Takes ports again that an earlier daemon published. Packets go their way without the sockets,
   * so a port that somebody took meanwhile is only worth a word.
   */
  void takeAgain(String endpointId, List<HostPort> ports) {
    List<Closeable> sockets = new ArrayList<>();
    for (HostPort port : ports) {
      try {
        hold(port, sockets);
      } catch (IOException | CriException e) {
        log.atWarn()
            .addKeyValue("port", port.where())
            .addKeyValue("error", e.getMessage())
            .log("published port is held by somebody else as well");
      }
    }
    held.put(endpointId, sockets);
  }

  void release(String endpointId) {
    Optional.ofNullable(held.remove(endpointId)).ifPresent(HostPorts::close);
  }

  private static void checkFree(
      HostPort port, List<HostPort> taken, Function<HostPort, Optional<String>> holder) {
    if (taken.stream().anyMatch(port::collidesWith)) {
      throw CriException.invalid(
          "host port %s/%s is asked for twice".formatted(port.where(), port.protocol()));
    }
    holder.apply(port).ifPresent(who -> refuse(port, who));
  }

  private static void refuse(HostPort port, String who) {
    throw CriException.wrongState(
        "Bind for %s failed: port is already allocated: %s has it, over %s"
            .formatted(port.where(), who, port.protocol()));
  }

  private static HostPort free(
      HostPort port,
      List<HostPort> taken,
      Function<HostPort, Optional<String>> holder,
      List<Closeable> sockets)
      throws IOException {
    for (int tries = 0; tries < TRIES; tries++) {
      List<Closeable> mine = new ArrayList<>();
      int number =
          port.protocol() == HostPort.Protocol.SCTP
              ? FIRST_DYNAMIC + ThreadLocalRandom.current().nextInt(DYNAMIC)
              : hold(port, mine);
      HostPort found = port.at(number);
      if (taken.stream().noneMatch(found::collidesWith) && holder.apply(found).isEmpty()) {
        sockets.addAll(mine);
        return found;
      }
      close(mine);
    }
    throw new CriException(Failure.EXHAUSTED, "no free port of the machine was found");
  }

  /** Holds a port by a socket, and says which it is. SCTP sockets are not Java's. */
  private static int hold(HostPort port, List<Closeable> sockets) throws IOException {
    InetAddress address = port.hostIp().orElse(InetAddresses.forString("0.0.0.0"));
    ProtocolFamily family =
        address instanceof Inet4Address
            ? StandardProtocolFamily.INET
            : StandardProtocolFamily.INET6;
    InetSocketAddress where = new InetSocketAddress(address, port.hostPort());
    try {
      switch (port.protocol()) {
        case TCP -> {
          ServerSocketChannel socket = ServerSocketChannel.open(family);
          sockets.add(socket);
          socket.setOption(StandardSocketOptions.SO_REUSEADDR, true);
          socket.bind(where, 1);
          return ((InetSocketAddress) socket.getLocalAddress()).getPort();
        }
        case UDP -> {
          DatagramChannel socket = DatagramChannel.open(family);
          sockets.add(socket);
          socket.bind(where);
          return ((InetSocketAddress) socket.getLocalAddress()).getPort();
        }
        case SCTP -> {
          return port.hostPort();
        }
      }
      throw new AssertionError(port.protocol());
    } catch (java.net.BindException e) {
      throw CriException.wrongState(bindFailed(port, address, e));
    } catch (java.net.SocketException e) {
      throw CriException.wrongState(bindFailed(port, address, e));
    }
  }

  private static String bindFailed(HostPort port, InetAddress address, IOException why) {
    String words = "" + why.getMessage();
    if (words.contains("in use")) {
      return "Bind for %s failed: port is already allocated: a process of this machine listens there, over %s"
          .formatted(port.where(), port.protocol());
    }
    String kind = address instanceof Inet6Address ? "IPv6" : "IPv4";
    return "Bind for %s (%s) over %s failed: %s"
        .formatted(port.where(), kind, port.protocol(), words);
  }

  private static void close(List<Closeable> sockets) {
    for (Closeable socket : sockets) {
      try {
        socket.close();
      } catch (IOException e) {
        // A socket that nothing was sent over has nothing to lose.
      }
    }
  }

  @Override
  public void close() {
    held.values().forEach(HostPorts::close);
    held.clear();
  }
}
