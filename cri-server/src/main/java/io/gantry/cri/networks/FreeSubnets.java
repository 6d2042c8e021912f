package io.gantry.cri.networks;

import io.gantry.cri.config.AddressPool;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.runtime.linux.Network;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds subnets that neither another network nor the machine uses. */
final class FreeSubnets {
  private static final int ULA_BITS = 64;

  private final List<AddressPool> pools;
  private final Network machine;
  private final NetworkTable table;
  private final SecureRandom random = new SecureRandom();

  FreeSubnets(List<AddressPool> pools, Network machine, NetworkTable table) {
    this.pools = pools;
    this.machine = machine;
    this.table = table;
  }

  /** One out of the pools. */
  Cidr ipv4() throws IOException {
    List<Cidr> used = used();
    for (AddressPool pool : pools) {
      Cidr all = new Cidr(pool.base(), pool.bits());
      BigInteger step = BigInteger.ONE.shiftLeft(32 - pool.subnetBits());
      for (BigInteger at = BigInteger.ZERO; at.compareTo(all.size()) < 0; at = at.add(step)) {
        Cidr subnet = new Cidr(all.at(at), pool.subnetBits());
        if (used.stream().noneMatch(subnet::overlaps)) {
          return subnet;
        }
      }
    }
    throw new CriException(
        Failure.EXHAUSTED,
        "all predefined address pools have been fully subnetted: networks and routes of this"
            + " machine use every subnet of networks.pools "
            + pools);
  }

  /** A unique local one (RFC 4193), which nobody else has made up. */
  Cidr ipv6() {
    byte[] bytes = new byte[16];
    random.nextBytes(bytes);
    bytes[0] = (byte) 0xfd;
    try {
      return new Cidr(InetAddress.getByAddress(bytes), ULA_BITS);
    } catch (java.net.UnknownHostException e) {
      throw new AssertionError("16 bytes", e);
    }
  }

  /**
   * Refuses a subnet that is in use.
   *
   * @throws CriException INVALID_REQUEST saying by whom
   */
  void check(Cidr subnet) throws IOException {
    for (NamedNetwork network : table.networks()) {
      for (SubnetPlan plan : network.subnets()) {
        if (plan.subnet().overlaps(subnet)) {
          throw CriException.invalid(
              "Pool overlaps with other one on this address space: subnet %s with %s of network %s"
                  .formatted(subnet, plan.subnet(), network.name()));
        }
      }
    }
    Optional<Network.Route> route =
        machine.routes().stream()
            .filter(any -> new Cidr(any.destination(), any.prefixLength()).overlaps(subnet))
            .findFirst();
    if (route.isPresent()) {
      throw CriException.invalid(
          "subnet %s overlaps with what this machine routes to %s"
              .formatted(subnet, route.get().interfaceName()));
    }
  }

  private List<Cidr> used() throws IOException {
    List<Cidr> used = new ArrayList<>();
    table.networks().forEach(net -> net.subnets().forEach(plan -> used.add(plan.subnet())));
    machine
        .routes()
        .forEach(route -> used.add(new Cidr(route.destination(), route.prefixLength())));
    return used;
  }
}
