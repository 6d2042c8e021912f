package io.gantry.docker.cli.command;

/** Identifiers as people see them. */
public final class Ids {
  private static final int SHORT = 12;

  private Ids() {}

  /** The first digits, without the name of the hash. */
  public static String shortened(String id) {
    String digits = id.substring(id.indexOf(':') + 1);
    return digits.length() > SHORT ? digits.substring(0, SHORT) : digits;
  }

  /** Text that is cut, with a sign that it was. */
  public static String ellipsis(String text, int length) {
    return text.codePointCount(0, text.length()) <= length
        ? text
        : text.substring(0, text.offsetByCodePoints(0, length - 1)) + "…";
  }
}
