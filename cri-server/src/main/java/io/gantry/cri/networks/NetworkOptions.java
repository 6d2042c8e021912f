package io.gantry.cri.networks;

import io.gantry.cri.grpc.CriException;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * What the options of a network mean.
 *
 * @param bridge the bridge's name, if it is asked for
 * @param mtu of the pods' interfaces, if it is asked for
 * @param betweenPods whether the network's pods reach each other
 * @param masquerade whether packets leave the machine with its own address
 */
record NetworkOptions(
    Optional<String> bridge, Optional<Integer> mtu, boolean betweenPods, boolean masquerade) {
  private static final String BRIDGE = "com.docker.network.bridge.name";
  private static final String MTU = "com.docker.network.driver.mtu";
  private static final String ICC = "com.docker.network.bridge.enable_icc";
  private static final String MASQUERADE = "com.docker.network.bridge.enable_ip_masquerade";
  private static final Pattern INTERFACE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,14}");
  private static final int LEAST_MTU = 68; // RFC 791
  private static final int LEAST_MTU_OF_IPV6 = 1280; // RFC 8200
  private static final int LARGEST_MTU = 65535;

  /**
   * Reads options.
   *
   * @throws CriException INVALID_REQUEST for a value that cannot be, NOT_BUILT for a name that is
   *     not known
   */
  static NetworkOptions of(Map<String, String> options, boolean ipv6) {
    Map<String, String> left = new TreeMap<>(options);
    Optional<String> bridge = Optional.ofNullable(left.remove(BRIDGE));
    bridge.ifPresent(
        name -> {
          if (!INTERFACE.matcher(name).matches()) {
            throw CriException.invalid(
                "option %s: \"%s\" cannot name an interface".formatted(BRIDGE, name));
          }
        });
    Optional<Integer> mtu = Optional.ofNullable(left.remove(MTU)).map(text -> mtu(text, ipv6));
    boolean betweenPods = flag(ICC, left.remove(ICC));
    boolean masquerade = flag(MASQUERADE, left.remove(MASQUERADE));
    if (!left.isEmpty()) {
      throw new CriException(
          io.gantry.cri.grpc.Failure.NOT_BUILT,
          "network option %s is not known; there are %s, %s, %s and %s"
              .formatted(left.keySet().iterator().next(), BRIDGE, MTU, ICC, MASQUERADE));
    }
    return new NetworkOptions(bridge, mtu, betweenPods, masquerade);
  }

  private static int mtu(String text, boolean ipv6) {
    int least = ipv6 ? LEAST_MTU_OF_IPV6 : LEAST_MTU;
    try {
      int mtu = Integer.parseInt(text);
      if (mtu >= least && mtu <= LARGEST_MTU) {
        return mtu;
      }
    } catch (NumberFormatException e) {
      // Told like a number that is too large.
    }
    throw CriException.invalid(
        "option %s: \"%s\" is not between %d and %d".formatted(MTU, text, least, LARGEST_MTU));
  }

  private static boolean flag(String name, String text) {
    if (text == null) {
      return true;
    }
    return switch (text.toLowerCase(java.util.Locale.ROOT)) {
      case "true", "1", "t" -> true;
      case "false", "0", "f" -> false;
      default ->
          throw CriException.invalid(
              "option %s: \"%s\" is neither true nor false".formatted(name, text));
    };
  }
}
