package io.gantry.image.registry;

import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How long to wait before trying again: doubling, with jitter so that many nodes do not come back
 * at once, or as long as the host asks.
 */
record Backoff(Duration first, Duration longest) {

  private static final int STEPS_LIMIT = 20;

  /** The pause after that many failures, between half of its step and the whole. */
  Duration after(int failures) {
    Duration step = first.multipliedBy(1L << Math.min(failures - 1, STEPS_LIMIT));
    Duration bounded = step.compareTo(longest) > 0 ? longest : step;
    return bounded.multipliedBy(500 + ThreadLocalRandom.current().nextInt(501)).dividedBy(1000);
  }

  /**
   * The pause before asking again after this answer.
   *
   * @return nothing if asking again is of no use: the answer is final, or the host wants a longer
   *     pause than we are ready for
   */
  Optional<Duration> after(int failures, HttpResponse<?> response) {
    int status = response.statusCode();
    boolean mayPass =
        status == 429 || status == 408 || status >= 500 && status != 501 && status != 505;
    if (!mayPass) {
      return Optional.empty();
    }
    Optional<Duration> asked = asked(response);
    return asked.isPresent()
        ? asked.filter(pause -> pause.compareTo(longest) <= 0)
        : Optional.of(after(failures));
  }

  /** What the host asks for in Retry-After. */
  static Optional<Duration> asked(HttpResponse<?> response) {
    return response.headers().firstValue("Retry-After").flatMap(Backoff::retryAfter);
  }

  /** Seconds, or a date (RFC 9110, 10.2.3). */
  private static Optional<Duration> retryAfter(String value) {
    if (value.matches("[0-9]{1,9}")) {
      return Optional.of(Duration.ofSeconds(Long.parseLong(value)));
    }
    try {
      Duration until =
          Duration.between(
              ZonedDateTime.now(),
              ZonedDateTime.parse(value, DateTimeFormatter.RFC_1123_DATE_TIME));
      return Optional.of(until.isNegative() ? Duration.ZERO : until);
    } catch (DateTimeParseException e) {
      return Optional.empty();
    }
  }
}
