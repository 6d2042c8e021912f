package io.gantry.cri.names;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

/** The names under which addresses' names are asked for (RFC 1035, section 3.5; RFC 3596, 2.5). */
final class ReverseName {
  private static final String IPV4 = ".in-addr.arpa";
  private static final String IPV6 = ".ip6.arpa";

  private ReverseName() {}

  /** The address that such a name stands for; empty for other names. */
  static Optional<InetAddress> address(String name) {
    if (name.endsWith(IPV4)) {
      return of(name.substring(0, name.length() - IPV4.length()).split("\\."), 4, 10, 255);
    }
    if (name.endsWith(IPV6)) {
      return of(name.substring(0, name.length() - IPV6.length()).split("\\."), 32, 16, 15);
    }
    return Optional.empty();
  }

  private static Optional<InetAddress> of(String[] digits, int count, int radix, int largest) {
    if (digits.length != count) {
      return Optional.empty();
    }
    int perByte = count == 4 ? 1 : 2;
    byte[] bytes = new byte[count / perByte];
    try {
      for (int i = 0; i < count; i++) {
        int digit = Integer.parseInt(digits[count - 1 - i], radix);
        if (digit < 0 || digit > largest) {
          return Optional.empty();
        }
        int at = i / perByte;
        bytes[at] = (byte) (perByte == 1 ? digit : bytes[at] << 4 | digit);
      }
      return Optional.of(InetAddress.getByAddress(bytes));
    } catch (NumberFormatException | UnknownHostException e) {
      return Optional.empty();
    }
  }
}
