package io.gantry.docker.engine.network;

import java.util.List;
import java.util.Optional;

/** Networks that are there without being made. */
final class PredefinedNetworks {
  /** The one that containers are in unasked: a network like any other, but for its name. */
  static final String BRIDGE = "bridge";

  /** Those that are names for the machine's network, and for no network at all. */
  static final List<String> NAMES_ONLY = List.of("host", "none");

  private static final int ID_DIGITS = 64;

  private PredefinedNetworks() {}

  /** The same on each machine, and no hash that a network could have. */
  static String id(String name) {
    StringBuilder digits = new StringBuilder();
    for (char letter : name.toCharArray()) {
      digits.append(Integer.toHexString(letter));
    }
    return digits + "0".repeat(ID_DIGITS - digits.length());
  }

  /** The name that is meant by a name or an id. */
  static Optional<String> named(String asked) {
    return NAMES_ONLY.stream()
        .filter(name -> name.equals(asked) || id(name).equals(asked) || isShort(asked, name))
        .findFirst();
  }

  private static boolean isShort(String asked, String name) {
    return asked.length() >= 12 && id(name).startsWith(asked);
  }

  static boolean is(String name) {
    return name.equals(BRIDGE) || NAMES_ONLY.contains(name);
  }
}
