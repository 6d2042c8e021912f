package io.gantry.runtime.ttrpc;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * What goes with a call besides its argument.
 *
 * @param timeout how long the client waits, and the server is told to work, for the answer; empty
 *     means for ever
 * @param metadata keys (lower case) and values
 */
public record CallOptions(Optional<Duration> timeout, Map<String, String> metadata) {
  /** No limit, no metadata. */
  public static final CallOptions NONE = new CallOptions(Optional.empty(), Map.of());

  public CallOptions {
    metadata = Map.copyOf(metadata);
    if (timeout.isPresent() && (timeout.get().isNegative() || timeout.get().isZero())) {
      throw new IllegalArgumentException("call timeout must be positive: " + timeout.get());
    }
  }

  public static CallOptions within(Duration timeout) {
    return new CallOptions(Optional.of(timeout), Map.of());
  }
}
