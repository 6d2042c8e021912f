package io.gantry.docker.cli.option;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.OptionalLong;

/** Sizes and durations as people write them. */
public final class Amounts {
  private static final String SIZE_UNITS = "bkmgtp";

  private Amounts() {}

  /** {@code 512}, {@code 1.5g}, {@code 64MB}, {@code 2KiB}: powers of 1024, as docker has it. */
  public static OptionalLong bytes(String text) {
    String lower = text.strip().toLowerCase(Locale.ROOT);
    if (lower.equals("-1")) {
      return OptionalLong.of(-1);
    }
    int end = 0;
    while (end < lower.length()
        && (Character.isDigit(lower.charAt(end)) || lower.charAt(end) == '.')) {
      end++;
    }
    String unit = lower.substring(end).strip();
    int power;
    if (unit.isEmpty()) {
      power = 0;
    } else {
      power = SIZE_UNITS.indexOf(unit.charAt(0));
      String rest = unit.substring(1);
      if (power < 0 || !(rest.isEmpty() || rest.equals("b") || rest.equals("ib"))) {
        return OptionalLong.empty();
      }
    }
    try {
      BigDecimal size =
          new BigDecimal(lower.substring(0, end)).multiply(BigDecimal.valueOf(1L << 10 * power));
      return OptionalLong.of(size.longValue());
    } catch (NumberFormatException e) {
      return OptionalLong.empty();
    }
  }

  /** {@code 1h30m}, {@code 500ms}, {@code 1.5s}: as Go writes durations. */
  public static OptionalLong nanoseconds(String text) {
    if (text.equals("0")) {
      return OptionalLong.of(0);
    }
    double sum = 0;
    int at = 0;
    if (text.isEmpty()) {
      return OptionalLong.empty();
    }
    while (at < text.length()) {
      int begin = at;
      while (at < text.length() && (Character.isDigit(text.charAt(at)) || text.charAt(at) == '.')) {
        at++;
      }
      int unitBegin = at;
      while (at < text.length() && Character.isLetter(text.charAt(at))) {
        at++;
      }
      double scale = scale(text.substring(unitBegin, at));
      if (unitBegin == begin || scale == 0) {
        return OptionalLong.empty();
      }
      try {
        sum += Double.parseDouble(text.substring(begin, unitBegin)) * scale;
      } catch (NumberFormatException e) {
        return OptionalLong.empty();
      }
    }
    return OptionalLong.of((long) sum);
  }

  private static double scale(String unit) {
    return switch (unit) {
      case "ns" -> 1;
      case "us", "µs" -> 1e3;
      case "ms" -> 1e6;
      case "s" -> 1e9;
      case "m" -> 60e9;
      case "h" -> 3600e9;
      default -> 0;
    };
  }
}
