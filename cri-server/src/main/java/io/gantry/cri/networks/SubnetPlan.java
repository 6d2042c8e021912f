package io.gantry.cri.networks;

import java.math.BigInteger;
import java.net.InetAddress;
import java.util.Optional;
import java.util.Set;

/**
 * A network's addresses of one family.
 *
 * @param subnet all of them
 * @param gateway the bridge's
 * @param range those that are given out unasked; empty for all
 */
record SubnetPlan(Cidr subnet, InetAddress gateway, Optional<Cidr> range) {
  private static final BigInteger MOST_TRIED = BigInteger.ONE.shiftLeft(20);

  SubnetPlan {
    if (!subnet.contains(gateway)) {
      throw new IllegalArgumentException(
          "gateway %s is not in subnet %s".formatted(gateway.getHostAddress(), subnet));
    }
    if (range.isPresent() && !subnet.contains(range.get())) {
      throw new IllegalArgumentException(
          "range %s is not in subnet %s".formatted(range.get(), subnet));
    }
  }

  /** The lowest address that can be given out; empty if all are taken. */
  Optional<InetAddress> free(Set<InetAddress> taken) {
    Cidr from = range.orElse(subnet);
    BigInteger end = from.size().min(MOST_TRIED);
    for (BigInteger at = BigInteger.ZERO; at.compareTo(end) < 0; at = at.add(BigInteger.ONE)) {
      InetAddress address = from.at(at);
      if (isUsable(address) && !taken.contains(address)) {
        return Optional.of(address);
      }
    }
    return Optional.empty();
  }

  /** Whether a pod may have it, if no other has. */
  boolean isUsable(InetAddress address) {
    return subnet.contains(address)
        && !address.equals(gateway)
        && !address.equals(subnet.first())
        && !subnet.isOfAll(address);
  }
}
