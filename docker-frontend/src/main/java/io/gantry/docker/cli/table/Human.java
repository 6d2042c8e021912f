package io.gantry.docker.cli.table;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Sizes and times in the words that docker uses for them. */
public final class Human {
  private static final String[] DECIMAL = {"B", "kB", "MB", "GB", "TB", "PB", "EB"};
  private static final String[] BINARY = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

  private Human() {}

  /** {@code 77.9MB}: powers of 1000, three digits. */
  public static String size(double bytes) {
    return scaled(bytes, 1000, DECIMAL, 3);
  }

  /** Powers of 1000, four digits. */
  public static String longSize(double bytes) {
    return scaled(bytes, 1000, DECIMAL, 4);
  }

  /** {@code 1.944GiB}: powers of 1024, four digits. */
  public static String binarySize(double bytes) {
    return scaled(bytes, 1024, BINARY, 4);
  }

  private static String scaled(double bytes, double step, String[] units, int digits) {
    double left = bytes;
    int unit = 0;
    while (left >= step && unit < units.length - 1) {
      left /= step;
      unit++;
    }
    return general(left, digits) + units[unit];
  }

  /** C's %g: so many digits that mean something, no zeros at the end. */
  static String general(double value, int digits) {
    if (value == 0) {
      return "0";
    }
    BigDecimal rounded =
        new BigDecimal(value).round(new MathContext(digits, RoundingMode.HALF_EVEN));
    int exponent = rounded.precision() - rounded.scale() - 1;
    if (exponent >= digits || exponent < -4) {
      String mantissa = rounded.movePointLeft(exponent).stripTrailingZeros().toPlainString();
      return String.format(Locale.ROOT, "%se%+03d", mantissa, exponent);
    }
    return rounded.stripTrailingZeros().toPlainString();
  }

  /** {@code About a minute}, {@code 3 weeks}. */
  public static String duration(Duration duration) {
    long seconds = duration.getSeconds();
    long minutes = seconds / 60;
    long hours = Math.round(seconds / 3600.0);
    if (seconds < 1) {
      return "Less than a second";
    } else if (seconds == 1) {
      return "1 second";
    } else if (seconds < 60) {
      return seconds + " seconds";
    } else if (minutes == 1) {
      return "About a minute";
    } else if (minutes < 60) {
      return minutes + " minutes";
    } else if (hours == 1) {
      return "About an hour";
    } else if (hours < 48) {
      return hours + " hours";
    } else if (hours < 24 * 7 * 2) {
      return hours / 24 + " days";
    } else if (hours < 24 * 30 * 2) {
      return hours / 24 / 7 + " weeks";
    } else if (hours < 24 * 365 * 2) {
      return hours / 24 / 30 + " months";
    }
    return hours / 24 / 365 + " years";
  }

  /** How long ago a moment was, given in seconds since 1970. */
  public static String ago(long epochSeconds) {
    long passed = System.currentTimeMillis() / 1000 - epochSeconds;
    return duration(Duration.ofSeconds(passed)) + " ago";
  }

  /** {@code 2026-01-31 12:00:00 +0000 UTC}, in the user's time zone. */
  public static String moment(long epochSeconds) {
    ZonedDateTime time = Instant.ofEpochSecond(epochSeconds).atZone(ZoneId.systemDefault());
    return time.format(DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss xx zzz", Locale.ROOT));
  }

  /** A moment as the engine writes it, in seconds since 1970; zero if it is none. */
  public static long seconds(String timestamp) {
    try {
      return OffsetDateTime.parse(timestamp).toEpochSecond();
    } catch (java.time.format.DateTimeParseException e) {
      return 0;
    }
  }
}
