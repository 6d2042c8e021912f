package io.gantry.runtime.shim;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * The command line as containerd gives it: flags in the style of Go's flag package (one dash or
 * two, value after {@code =} or as the next word), then at most one action with its operands.
 */
record ShimArguments(Map<String, String> flags, List<String> words) {
  private static final Set<String> SWITCHES = Set.of("debug", "v", "version", "info");
  private static final Set<String> VALUES =
      Set.of(
          "namespace",
          "id",
          "address",
          "publish-binary",
          "bundle",
          "socket",
          "debug-socket",
          "idle-exit");

  ShimArguments {
    flags = Map.copyOf(flags);
    words = List.copyOf(words);
  }

  /**
   * Reads the words of a command line.
   *
   * @throws IllegalArgumentException for a flag that is not known or lacks its value
   */
  static ShimArguments parse(String... args) {
    Map<String, String> flags = new TreeMap<>();
    List<String> words = new ArrayList<>();
    for (int i = 0; i < args.length; i++) {
      String arg = args[i];
      if (!words.isEmpty() || !arg.startsWith("-") || arg.length() == 1) {
        words.add(arg);
        continue;
      }
      String name = arg.substring(arg.startsWith("--") ? 2 : 1);
      int equals = name.indexOf('=');
      String value = equals < 0 ? null : name.substring(equals + 1);
      name = equals < 0 ? name : name.substring(0, equals);
      if (SWITCHES.contains(name)) {
        flags.put(name, value == null ? "true" : value);
      } else if (!VALUES.contains(name)) {
        throw new IllegalArgumentException("flag -" + name + " is not known");
      } else if (value != null) {
        flags.put(name, value);
      } else if (i + 1 < args.length) {
        flags.put(name, args[++i]);
      } else {
        throw new IllegalArgumentException("flag -" + name + " needs a value");
      }
    }
    return new ShimArguments(flags, words);
  }

  /** The flag's value, or the empty text. */
  String flag(String name) {
    return flags.getOrDefault(name, "");
  }

  boolean isOn(String name) {
    return "true".equals(flags.get(name));
  }

  /**
   * The flag's value.
   *
   * @throws IllegalArgumentException when it is absent
   */
  String required(String name) {
    String value = flag(name);
    if (value.isEmpty()) {
      throw new IllegalArgumentException("flag -" + name + " is needed here");
    }
    return value;
  }

  /** The action; the empty text means to serve. */
  String action() {
    return words.isEmpty() ? "" : words.get(0);
  }
}
