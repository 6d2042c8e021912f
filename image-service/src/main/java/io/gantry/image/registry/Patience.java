package io.gantry.image.registry;

import java.time.Duration;
import java.util.Objects;

/**
 * How patient the client is.
 *
 * @param responseTimeout how long a host may take to begin its answer
 * @param noProgressTimeout how long a body may stand still before the connection counts as broken
 * @param leastBytesPerSecond what a body must bring on the average of each such time; 0 takes any
 *     trickle
 * @param attempts how often a request is tried in all while nothing comes of it; at least 1
 * @param firstBackoff the pause after the first failure, doubled with jitter for each further one
 * @param longestBackoff the longest pause, also the longest Retry-After that is waited for
 * @param budget how long all pauses of one pull may be together
 */
public record Patience(
    Duration responseTimeout,
    Duration noProgressTimeout,
    long leastBytesPerSecond,
    int attempts,
    Duration firstBackoff,
    Duration longestBackoff,
    Duration budget) {

  public static final Patience DEFAULT =
      new Patience(
          Duration.ofSeconds(30),
          Duration.ofSeconds(60),
          1024,
          5,
          Duration.ofMillis(250),
          Duration.ofSeconds(30),
          Duration.ofMinutes(5));

  public Patience {
    Objects.requireNonNull(responseTimeout);
    Objects.requireNonNull(noProgressTimeout);
    Objects.requireNonNull(firstBackoff);
    Objects.requireNonNull(longestBackoff);
    Objects.requireNonNull(budget);
    if (attempts < 1) {
      throw new IllegalArgumentException("a request cannot be tried " + attempts + " times");
    }
    if (leastBytesPerSecond < 0) {
      throw new IllegalArgumentException(
          "a connection cannot bring " + leastBytesPerSecond + " bytes per second");
    }
  }
}
