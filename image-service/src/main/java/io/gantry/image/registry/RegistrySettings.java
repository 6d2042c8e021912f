package io.gantry.image.registry;

import java.time.Duration;
import java.util.Objects;

/**
 * How patient the client is.
 *
 * @param userAgent what we call ourselves
 * @param responseTimeout how long a host may take to begin its answer
 * @param noProgressTimeout how long a body may stand still before the connection counts as broken
 * @param attempts how often a request is tried in all while nothing comes of it; at least 1
 * @param firstBackoff the pause after the first failure, doubled with jitter for each further one
 * @param longestBackoff the longest pause, also the longest Retry-After that is waited for
 */
public record RegistrySettings(
    String userAgent,
    Duration responseTimeout,
    Duration noProgressTimeout,
    int attempts,
    Duration firstBackoff,
    Duration longestBackoff) {

  public static final RegistrySettings DEFAULT =
      new RegistrySettings(
          "gantry",
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          5,
          Duration.ofMillis(250),
          Duration.ofSeconds(30));

  public RegistrySettings {
    Objects.requireNonNull(userAgent);
    Objects.requireNonNull(responseTimeout);
    Objects.requireNonNull(noProgressTimeout);
    Objects.requireNonNull(firstBackoff);
    Objects.requireNonNull(longestBackoff);
    if (attempts < 1) {
      throw new IllegalArgumentException("a request cannot be tried " + attempts + " times");
    }
  }
}
