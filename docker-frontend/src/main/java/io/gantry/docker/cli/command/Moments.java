package io.gantry.docker.cli.command;

import io.gantry.docker.cli.option.Amounts;
import io.gantry.docker.cli.option.BadUsage;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.OptionalLong;

/** Moments as people write them. */
public final class Moments {
  private static final long NANOS = 1_000_000_000L;

  private Moments() {}

  /**
   * Seconds since 1970 with a fraction, of such seconds, of a date and time, or of how long ago it
   * was.
   */
  public static String epoch(String text) throws BadUsage {
    if (text.matches("\\d+(\\.\\d{1,9})?")) {
      return text;
    }
    OptionalLong ago = Amounts.nanoseconds(text);
    if (ago.isPresent()) {
      return text(Instant.now().minusNanos(ago.getAsLong()));
    }
    try {
      if (text.matches(".*T.*(Z|[+-]\\d\\d:\\d\\d)")) {
        return text(OffsetDateTime.parse(text).toInstant());
      }
      ZoneId zone = ZoneId.systemDefault();
      return text(
          text.contains("T")
              ? LocalDateTime.parse(text).atZone(zone).toInstant()
              : LocalDate.parse(text).atStartOfDay(zone).toInstant());
    } catch (DateTimeException e) {
      throw BadUsage.flag(
          "\""
              + text
              + "\" is no moment; write it as 2026-01-31T12:00:00Z, or as 42m for so long ago");
    }
  }

  private static String text(Instant moment) {
    String nanos = Long.toString(NANOS + moment.getNano()).substring(1);
    return moment.getEpochSecond() + "." + nanos;
  }
}
