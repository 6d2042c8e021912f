package io.gantry.cri.namedvolume;

import io.gantry.cri.grpc.CriException;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A volume.
 *
 * @param options of mount(8), for other than a plain directory
 * @param made false while it is being made or removed, which a crash may have broken off
 */
record NamedVolume(
    String name,
    Instant createdAt,
    Map<String, String> labels,
    Map<String, String> options,
    boolean made) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,127}");

  NamedVolume {
    Objects.requireNonNull(createdAt);
    labels = Map.copyOf(new TreeMap<>(labels));
    options = Map.copyOf(new TreeMap<>(options));
    check(name);
  }

  /**
   * @throws CriException INVALID_REQUEST
   */
  static void check(String name) {
    if (!NAME.matcher(name).matches()) {
      throw CriException.invalid(
          "\"%s\" is no name for a volume: 1 to 128 of A-Z a-z 0-9 . _ -, beginning with a letter or digit"
              .formatted(name));
    }
  }

  NamedVolume withMade(boolean nowMade) {
    return new NamedVolume(name, createdAt, labels, options, nowMade);
  }
}
