package io.gantry.docker.engine.api;

import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Points in time as parameters have them. */
public final class Times {
  private static final Pattern SECONDS = Pattern.compile("\\d{1,18}(\\.\\d{1,9})?");
  private static final Pattern AGO = Pattern.compile("(\\d+(?:\\.\\d+)?)(h|m|s|ms)");

  private Times() {}

  /**
   * Unix seconds with a fraction, a time as in RFC 3339, or a span before now such as 1h30m; empty
   * for "" and 0.
   *
   * @throws EngineException if it is none of these
   */
  public static Optional<Instant> parse(String name, String text, Instant now)
      throws EngineException {
    if (text.isEmpty() || text.equals("0")) {
      return Optional.empty();
    }
    if (SECONDS.matcher(text).matches()) {
      BigDecimal seconds = new BigDecimal(text);
      long whole = seconds.longValue();
      long nanos = seconds.subtract(BigDecimal.valueOf(whole)).movePointRight(9).longValue();
      return Optional.of(Instant.ofEpochSecond(whole, nanos));
    }
    Optional<Duration> span = span(text);
    if (span.isPresent()) {
      return Optional.of(now.minus(span.get()));
    }
    try {
      if (text.indexOf('T') < 0) {
        return Optional.of(LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));
      }
      boolean hasZone = text.endsWith("Z") || text.matches(".*[+-]\\d\\d:\\d\\d");
      return Optional.of(
          hasZone
              ? OffsetDateTime.parse(text).toInstant()
              : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC));
    } catch (DateTimeException e) {
      throw EngineException.badRequest(
          "invalid value for '" + name + "': \"" + text + "\" is no time");
    }
  }

  private static Optional<Duration> span(String text) {
    Matcher part = AGO.matcher(text);
    Duration sum = Duration.ZERO;
    int end = 0;
    while (part.find() && part.start() == end) {
      double number = Double.parseDouble(part.group(1));
      long millis =
          switch (part.group(2)) {
            case "h" -> 3_600_000;
            case "m" -> 60_000;
            case "s" -> 1000;
            default -> 1;
          };
      sum = sum.plusMillis((long) (number * millis));
      end = part.end();
    }
    return end == text.length() && end > 0 ? Optional.of(sum) : Optional.empty();
  }
}
