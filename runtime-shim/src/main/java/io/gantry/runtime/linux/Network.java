package io.gantry.runtime.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** Network interfaces of network namespaces, and connections inside them. */
public interface Network {
  /** Brings the loopback interface of a network namespace up; does nothing if it is. */
  void bringLoopbackUp(Fd networkNamespace) throws IOException;

  /** The counters of every interface in the namespace that process {@code pid} is in. */
  List<InterfaceCounters> counters(int pid) throws IOException;

  /** The counters of every interface in a network namespace. */
  List<InterfaceCounters> counters(Fd networkNamespace) throws IOException;

  /**
   * Connects to a TCP port of the loopback interface: at 127.0.0.1 or, if that fails, at ::1. A
   * socket stays in the namespace in which it was made, whoever uses it later.
   *
   * @param networkNamespace empty for the namespace that gantry itself is in
   * @param port 1-65535
   * @param timeout for each of the two addresses
   * @return a connected socket that does not block
   * @throws LinuxException of 127.0.0.1, with that of ::1 suppressed
   */
  Fd connectToLoopback(Optional<Fd> networkNamespace, int port, Duration timeout)
      throws IOException;

  /** Whether an interface of that name is in gantry's own network namespace. */
  boolean hasInterface(String name);

  /**
   * Makes a bridge in gantry's own network namespace.
   *
   * @throws LinuxException EEXIST if an interface has that name
   */
  void createBridge(String name) throws LinuxException;

  /** Removes a bridge, whatever is connected to it; does nothing if it is not there. */
  void removeBridge(String name) throws LinuxException;

  /**
   * Keeps a bridge's port from the other ports that are kept so; all reach the bridge's own
   * address.
   *
   * @param port the interface that is connected to the bridge
   */
  void isolatePort(String port) throws IOException;

  /** Where packets from gantry's own network namespace go, default routes left out. */
  List<Route> routes() throws IOException;

  /**
   * Sends what has no other way to a gateway; does nothing if that is so.
   *
   * @param networkNamespace in which the route is made
   * @param gateway an address of either family
   */
  void addDefaultRoute(Fd networkNamespace, String interfaceName, InetAddress gateway)
      throws IOException;

  /** Takes back {@link #addDefaultRoute}; does nothing if there is no such route. */
  void removeDefaultRoute(Fd networkNamespace, String interfaceName, InetAddress gateway)
      throws IOException;

  /**
   * A destination that is routed.
   *
   * @param destination the network's first address
   * @param prefixLength how many bits of it count
   */
  record Route(String interfaceName, InetAddress destination, int prefixLength) {}

  /**
   * Sends one datagram to a unix socket.
   *
   * @param socket its path, or {@code @name} for a name in the abstract namespace (unix(7))
   * @throws IllegalArgumentException if that is longer than a socket's address can be
   */
  void send(String socket, byte[] datagram) throws LinuxException;

  /** An interface's counters since it was made (/proc/PID/net/dev). */
  record InterfaceCounters(
      String name,
      long receivedBytes,
      long receivedPackets,
      long receiveErrors,
      long receiveDropped,
      long sentBytes,
      long sentPackets,
      long sendErrors,
      long sendDropped) {}
}
