package io.gantry.image.build;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What {@code --chmod} says: an octal number, or chmod(1)'s symbolic form. */
final class FileMode {
  private static final Pattern CLAUSE = Pattern.compile("([ugoa]*)((?:[-+=][rwxXst]*)+)");
  private static final Pattern ACTION = Pattern.compile("([-+=])([rwxXst]*)");

  private final String text;

  private FileMode(String text) {
    this.text = text;
  }

  /**
   * @throws IllegalArgumentException if it is neither
   */
  static FileMode parse(String text) {
    if (!text.matches("[0-7]{1,5}") || Integer.parseInt(text, 8) > 07777) {
      for (String clause : text.split(",", -1)) {
        if (!CLAUSE.matcher(clause).matches()) {
          throw new IllegalArgumentException(
              "\"" + text + "\" is no mode: an octal number such as 0755, or u=rwX,go=rX");
        }
      }
    }
    return new FileMode(text);
  }

  /** The permissions that a file comes to have. */
  int apply(int permissions, boolean isDirectory) {
    if (text.matches("[0-7]+")) {
      return Integer.parseInt(text, 8);
    }
    int mode = permissions;
    for (String clause : text.split(",")) {
      Matcher who = CLAUSE.matcher(clause);
      if (who.matches()) {
        mode = clause(mode, isDirectory, who.group(1), who.group(2));
      }
    }
    return mode;
  }

  private static int clause(int before, boolean isDirectory, String who, String actions) {
    boolean all = who.isEmpty() || who.contains("a");
    int mode = before;
    Matcher action = ACTION.matcher(actions);
    while (action.find()) {
      boolean anyExecute = isDirectory || (mode & 0111) != 0;
      int bits = 0;
      int mask = 0;
      for (int shift : new int[] {6, 3, 0}) {
        if (all || who.indexOf("ugo".charAt((6 - shift) / 3)) >= 0) {
          bits |= bits(action.group(2), anyExecute, shift);
          mask |= 7 << shift | (shift == 6 ? 04000 : shift == 3 ? 02000 : 01000);
        }
      }
      mode =
          switch (action.group(1)) {
            case "+" -> mode | bits;
            case "-" -> mode & ~bits;
            default -> mode & ~mask | bits;
          };
    }
    return mode;
  }

  private static int bits(String letters, boolean anyExecute, int shift) {
    int bits = 0;
    for (char letter : letters.toCharArray()) {
      bits |=
          switch (letter) {
            case 'r' -> 4 << shift;
            case 'w' -> 2 << shift;
            case 'x' -> 1 << shift;
            case 'X' -> anyExecute ? 1 << shift : 0;
            case 's' -> shift == 6 ? 04000 : shift == 3 ? 02000 : 0;
            default -> shift == 0 ? 01000 : 0; // t
          };
    }
    return bits;
  }
}
