package io.gantry.runtime.linux.cgroup;

import java.util.OptionalLong;

/** The few formats that control files have. */
final class ControlText {
  private ControlText() {}

  /** A number; absent for an empty text and for {@code max}. Numbers past 2^63 are capped. */
  static OptionalLong number(String text) {
    if (text.isEmpty() || text.equals("max")) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(parse(text, 0, text.length()));
  }

  private static long parse(String text, int from, int to) {
    try {
      return Long.parseLong(text, from, to, 10);
    } catch (NumberFormatException e) {
      return Long.parseUnsignedLong(text, from, to, 10) < 0 ? Long.MAX_VALUE : 0;
    }
  }

  /** The number after a key in lines of the form {@code key number}; 0 if there is no such line. */
  static long field(String text, String key) {
    return field(text, key, ' ').orElse(0);
  }

  /**
   * The number after {@code key} and a separator, where the key begins a line or follows a space.
   */
  static OptionalLong field(String text, String key, char separator) {
    int at = text.indexOf(key);
    while (at >= 0) {
      int end = at + key.length();
      boolean begins = at == 0 || text.charAt(at - 1) == '\n' || text.charAt(at - 1) == ' ';
      if (begins && end < text.length() && text.charAt(end) == separator) {
        int stop = end + 1;
        while (stop < text.length() && Character.isDigit(text.charAt(stop))) {
          stop++;
        }
        return stop == end + 1 ? OptionalLong.empty() : OptionalLong.of(parse(text, end + 1, stop));
      }
      at = text.indexOf(key, end);
    }
    return OptionalLong.empty();
  }

  /** A pressure file's two lines, if it has any. */
  static java.util.Optional<CgroupStats.Pressure> pressure(String text) {
    int full = text.indexOf("full ");
    if (!text.startsWith("some ")) {
      return java.util.Optional.empty();
    }
    String some = full < 0 ? text : text.substring(0, full);
    // Before kernel 5.13 cpu.pressure has no full line.
    String rest = full < 0 ? "" : text.substring(full);
    return java.util.Optional.of(new CgroupStats.Pressure(line(some), line(rest)));
  }

  private static CgroupStats.Line line(String text) {
    return new CgroupStats.Line(
        decimal(text, "avg10="),
        decimal(text, "avg60="),
        decimal(text, "avg300="),
        field(text, "total", '=').orElse(0));
  }

  private static double decimal(String text, String key) {
    int at = text.indexOf(key);
    if (at < 0) {
      return 0;
    }
    int end = text.indexOf(' ', at);
    return Double.parseDouble(text.substring(at + key.length(), end < 0 ? text.length() : end));
  }
}
