package io.gantry.docker.engine.image;

import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Filters;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The filter {@code until}: a time, seconds since 1970, or how long ago as Go writes it. */
final class Until {

  private static final Pattern PART = Pattern.compile("([0-9]{1,9})(h|m|s)");

  private Until() {}

  static Optional<Instant> of(Filters filters) throws EngineException {
    if (!filters.has("until")) {
      return Optional.empty();
    }
    String text = filters.get("until").get(0);
    if (text.matches("[0-9]{1,12}(\\.[0-9]{1,9})?")) {
      BigDecimal seconds = new BigDecimal(text);
      return Optional.of(Instant.ofEpochSecond(seconds.longValue()));
    }
    Optional<Duration> ago = ago(text);
    if (ago.isPresent()) {
      return Optional.of(Instant.now().minus(ago.get()));
    }
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeParseException e) {
      throw EngineException.badRequest("invalid filter 'until=" + text + "': no time");
    }
  }

  private static Optional<Duration> ago(String text) {
    Matcher parts = PART.matcher(text);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (parts.find() && parts.start() == end) {
      long number = Long.parseLong(parts.group(1));
      sum =
          sum.plus(
              switch (parts.group(2)) {
                case "h" -> Duration.ofHours(number);
                case "m" -> Duration.ofMinutes(number);
                default -> Duration.ofSeconds(number);
              });
      end = parts.end();
    }
    return end == text.length() && end > 0 ? Optional.of(sum) : Optional.empty();
  }
}
