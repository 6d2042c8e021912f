package io.gantry.docker.engine.container;

import io.gantry.docker.engine.api.EngineException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Ids and names of containers. */
final class Names {
  private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]+");
  private static final List<String> HOW =
      List.of(
          "brave", "bright", "calm", "clever", "cosy", "eager", "early", "fair", "fine", "gentle",
          "glad", "honest", "jolly", "keen", "kind", "lively", "lucky", "merry", "mild", "modest",
          "neat", "nimble", "patient", "polite", "proud", "quick", "quiet", "ready", "sharp",
          "steady", "sunny", "swift", "tidy", "warm", "wise", "witty");
  private static final List<String> WHAT =
      List.of(
          "anchor",
          "barge",
          "beam",
          "berth",
          "boom",
          "bridge",
          "buoy",
          "cable",
          "canal",
          "cargo",
          "chain",
          "coil",
          "crane",
          "crate",
          "davit",
          "deck",
          "derrick",
          "dock",
          "ferry",
          "girder",
          "harbour",
          "hoist",
          "hook",
          "hull",
          "jetty",
          "keel",
          "ladder",
          "lever",
          "lighter",
          "mast",
          "mooring",
          "pier",
          "pulley",
          "quay",
          "rail",
          "sail",
          "shackle",
          "sling",
          "tackle",
          "tender",
          "tower",
          "trolley",
          "tug",
          "wharf",
          "winch",
          "windlass");
  private static final int TRIES = 10;

  private final SecureRandom random = new SecureRandom();

  /** 64 hexadecimal digits, the first twelve of which are no number. */
  String id() {
    byte[] bytes = new byte[32];
    String id;
    do {
      random.nextBytes(bytes);
      id = HexFormat.of().formatHex(bytes);
    } while (id.substring(0, 12).chars().allMatch(Character::isDigit));
    return id;
  }

  /** A name that nobody has. */
  String madeUp(Predicate<String> isTaken) {
    String name = "";
    for (int round = 0; round < TRIES; round++) {
      name = HOW.get(random.nextInt(HOW.size())) + "_" + WHAT.get(random.nextInt(WHAT.size()));
      if (!isTaken.test(name)) {
        return name;
      }
    }
    return name + "_" + random.nextInt(1_000_000);
  }

  /**
   * A name as it is kept: without the slash that some write before it.
   *
   * @throws EngineException if it is none
   */
  static String check(String given) throws EngineException {
    String name = given.startsWith("/") ? given.substring(1) : given;
    if (!NAME.matcher(name).matches()) {
      throw EngineException.badRequest(
          "Invalid container name (%s), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed"
              .formatted(given));
    }
    return name;
  }
}
