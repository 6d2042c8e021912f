package io.gantry.runtime.linux;

import java.io.IOException;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The routes of gantry's own network namespace: /proc/net/route and ipv6_route (proc_pid_net(5)).
 */
final class RoutingTable {
  private static final int ROUTE_FIELDS = 8;
  private static final int IPV6_ROUTE_FIELDS = 10;

  private final Files files;

  RoutingTable(Files files) {
    this.files = files;
  }

  List<Network.Route> routes() throws IOException {
    List<Network.Route> all = new ArrayList<>(ipv4(files.readText("/proc/self/net/route")));
    try {
      all.addAll(ipv6(files.readText("/proc/self/net/ipv6_route")));
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) { // A kernel without IPv6 has no routes of it.
        throw e;
      }
    }
    return all.stream().filter(route -> route.prefixLength() > 0).toList();
  }

  /** A heading, then interface, destination, …, mask as the eighth: words in the host's order. */
  static List<Network.Route> ipv4(String table) throws IOException {
    List<Network.Route> routes = new ArrayList<>();
    for (String line : table.lines().skip(1).toList()) {
      String[] fields = line.strip().split("\\s+");
      if (fields.length < ROUTE_FIELDS) {
        throw new IOException("not a line of net/route: " + line);
      }
      int mask = Integer.reverseBytes(Integer.parseUnsignedInt(fields[7], 16));
      int address = Integer.reverseBytes(Integer.parseUnsignedInt(fields[1], 16));
      byte[] bytes = {
        (byte) (address >> 24), (byte) (address >> 16), (byte) (address >> 8), (byte) address
      };
      routes.add(
          new Network.Route(fields[0], InetAddress.getByAddress(bytes), Integer.bitCount(mask)));
    }
    return routes;
  }

  /** Destination and length of its prefix first, the interface last. */
  static List<Network.Route> ipv6(String table) throws IOException {
    List<Network.Route> routes = new ArrayList<>();
    for (String line : table.lines().toList()) {
      String[] fields = line.strip().split("\\s+");
      if (fields.length < IPV6_ROUTE_FIELDS) {
        throw new IOException("not a line of net/ipv6_route: " + line);
      }
      routes.add(
          new Network.Route(
              fields[fields.length - 1],
              InetAddress.getByAddress(HexFormat.of().parseHex(fields[0])),
              Integer.parseUnsignedInt(fields[1], 16)));
    }
    return routes;
  }
}
