package io.gantry.docker.cli.template;

import io.gantry.docker.cli.json.Json;
import java.util.List;
import java.util.Locale;

/** Go's printf, for the verbs that make sense in a template. */
final class Formatter {
  private final List<Json> words;
  private final StringBuilder out = new StringBuilder();
  private int next = 1;

  private Formatter(List<Json> words) {
    this.words = words;
  }

  static String format(List<Json> words) {
    return new Formatter(words).run();
  }

  private String run() {
    String format = words.get(0).text();
    int at = 0;
    while (at < format.length()) {
      char c = format.charAt(at++);
      if (c != '%' || at >= format.length()) {
        out.append(c);
        continue;
      }
      int begin = at;
      while (at < format.length() && "-+# 0123456789.".indexOf(format.charAt(at)) >= 0) {
        at++;
      }
      if (at < format.length()) {
        verb(format.substring(begin, at), format.charAt(at++));
      }
    }
    return out.toString();
  }

  private void verb(String flags, char verb) {
    if (verb == '%') {
      out.append('%');
      return;
    }
    if (next >= words.size()) {
      out.append("%!").append(verb).append("(MISSING)");
      return;
    }
    Json value = words.get(next++);
    String text =
        switch (verb) {
          case 'q' -> Json.of(value.text()).toString();
          case 'x' -> value.isNumber() ? Long.toHexString(value.number()) : hex(value.text());
          case 'f' -> String.format(Locale.ROOT, "%." + precision(flags) + "f", value.decimal());
          default -> shortened(Value.text(value, "<nil>"), flags, verb);
        };
    pad(text, flags, value.isNumber());
  }

  private static String shortened(String text, String flags, char verb) {
    int dot = flags.indexOf('.');
    if (dot < 0 || verb != 's') {
      return text;
    }
    return text.substring(0, Math.min(text.length(), precision(flags)));
  }

  private static int precision(String flags) {
    int dot = flags.indexOf('.');
    if (dot < 0) {
      return 6;
    }
    String digits = flags.substring(dot + 1);
    return digits.isEmpty() ? 0 : Integer.parseInt(digits);
  }

  private void pad(String text, String flags, boolean number) {
    int dot = flags.indexOf('.');
    String head = dot < 0 ? flags : flags.substring(0, dot);
    boolean left = head.contains("-");
    String digits = head.replaceAll("[-+# ]", "");
    boolean zeros = number && !left && digits.startsWith("0");
    int width = digits.isEmpty() ? 0 : Integer.parseInt(digits);
    String padding = (zeros ? "0" : " ").repeat(Math.max(0, width - text.length()));
    out.append(left ? text + padding : padding + text);
  }

  private static String hex(String text) {
    StringBuilder digits = new StringBuilder();
    for (byte each : text.getBytes(java.nio.charset.StandardCharsets.UTF_8)) {
      digits
          .append(Character.forDigit(each >> 4 & 0xf, 16))
          .append(Character.forDigit(each & 0xf, 16));
    }
    return digits.toString();
  }
}
