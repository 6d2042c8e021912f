package io.gantry.cri.networks;

import com.google.common.net.InetAddresses;
import io.gantry.cri.grpc.CriException;
import java.math.BigInteger;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.UnknownHostException;

/**
 * Addresses that begin with the same bits.
 *
 * @param first the lowest of them
 * @param bits how many bits they share
 */
record Cidr(InetAddress first, int bits) {
  Cidr {
    if (bits < 0 || bits > first.getAddress().length * 8) {
      throw new IllegalArgumentException(
          "/%d is no prefix of %s".formatted(bits, first.getHostAddress()));
    }
    first = address(masked(first, bits), first.getAddress().length);
  }

  /**
   * Reads CIDR notation. Bits below the prefix may be set, and are not kept.
   *
   * @param what the value's name in messages
   * @throws CriException INVALID_REQUEST if it is none
   */
  static Cidr parse(String text, String what) {
    int slash = text.indexOf('/');
    try {
      if (slash > 0 && InetAddresses.isInetAddress(text.substring(0, slash))) {
        return new Cidr(
            InetAddresses.forString(text.substring(0, slash)),
            Integer.parseInt(text.substring(slash + 1)));
      }
    } catch (IllegalArgumentException e) {
      // Told like every other wrong form.
    }
    throw CriException.invalid(
        "%s \"%s\" is no address with a prefix, such as 172.20.0.0/16".formatted(what, text));
  }

  boolean isIpv4() {
    return first instanceof Inet4Address;
  }

  boolean contains(InetAddress address) {
    return address.getAddress().length == first.getAddress().length
        && masked(address, bits).equals(number(first));
  }

  boolean contains(Cidr other) {
    return other.bits >= bits && contains(other.first);
  }

  boolean overlaps(Cidr other) {
    return bits <= other.bits ? contains(other.first) : other.contains(first);
  }

  /** How many addresses there are. */
  BigInteger size() {
    return BigInteger.ONE.shiftLeft(first.getAddress().length * 8 - bits);
  }

  /** The address so many places above the first. */
  InetAddress at(BigInteger place) {
    return address(number(first).add(place), first.getAddress().length);
  }

  /** An address of these in CIDR notation. */
  String withPrefix(InetAddress address) {
    return InetAddresses.toAddrString(address) + "/" + bits;
  }

  /** Whether packets to it go to more than one: the network's own address, or its broadcast. */
  boolean isOfAll(InetAddress address) {
    return isIpv4()
        && bits < 31
        && (address.equals(first) || address.equals(at(size().subtract(BigInteger.ONE))));
  }

  private static BigInteger number(InetAddress address) {
    return new BigInteger(1, address.getAddress());
  }

  private static BigInteger masked(InetAddress address, int bits) {
    int below = address.getAddress().length * 8 - bits;
    return number(address).shiftRight(below).shiftLeft(below);
  }

  private static InetAddress address(BigInteger number, int length) {
    byte[] digits = number.toByteArray();
    byte[] bytes = new byte[length];
    int count = Math.min(digits.length, length); // A leading zero says that it is positive.
    System.arraycopy(digits, digits.length - count, bytes, length - count, count);
    try {
      return InetAddress.getByAddress(bytes);
    } catch (UnknownHostException e) {
      throw new AssertionError("of 4 or 16 bytes", e);
    }
  }

  @Override
  public String toString() {
    return withPrefix(first);
  }
}
