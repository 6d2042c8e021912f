package io.gantry.cri.config;

import com.google.common.net.InetAddresses;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * IPv4 addresses out of which subnets of one size are taken.
 *
 * @param base the first of them
 * @param bits how many bits of the base all have in common
 * @param subnetBits the same for the addresses of one subnet
 */
public record AddressPool(Inet4Address base, int bits, int subnetBits) {
  private static final Pattern FORM = Pattern.compile("([0-9.]+)/(\\d{1,2}):(\\d{1,2})");
  private static final int MOST_SPECIFIC = 29; // A gateway and some pods.

  public AddressPool {
    if (bits < 1 || subnetBits < bits || subnetBits > MOST_SPECIFIC) {
      throw new IllegalArgumentException(
          "a pool of /%d cannot be divided into subnets of /%d: 1 to %d, the larger number last"
              .formatted(bits, subnetBits, MOST_SPECIFIC));
    }
    long below = InetAddresses.coerceToInteger(base) & 0xffff_ffffL >>> bits;
    if (below != 0) {
      throw new IllegalArgumentException(
          "%s is not the first address of a /%d".formatted(base.getHostAddress(), bits));
    }
  }

  /** Reads {@code 172.17.0.0/16:24}: the pool, and what each subnet takes of it. */
  static AddressPool parse(String text) {
    Matcher match = FORM.matcher(text);
    if (match.matches() && InetAddresses.isInetAddress(match.group(1))) {
      InetAddress base = InetAddresses.forString(match.group(1));
      return new AddressPool(
          (Inet4Address) base, Integer.parseInt(match.group(2)), Integer.parseInt(match.group(3)));
    }
    throw new IllegalArgumentException(
        "\"" + text + "\" is no pool of addresses such as \"172.20.0.0/16:24\"");
  }

  @Override
  public String toString() {
    return base.getHostAddress() + "/" + bits + ":" + subnetBits;
  }
}
