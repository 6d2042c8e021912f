package io.gantry.image.distribution.access;

import io.gantry.image.distribution.repository.RepositoryName;

/**
 * Stands for repositories: {@code *} is any run of characters without a slash, {@code **} any run
 * at all, everything else itself.
 */
record RepositoryPattern(String text) {

  private static final int LENGTH_LIMIT = 255;

  RepositoryPattern {
    if (text.isEmpty() || text.length() > LENGTH_LIMIT) {
      throw new IllegalArgumentException(
          "a pattern of repositories has 1 to " + LENGTH_LIMIT + " characters");
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || "._-/*".indexOf(c) >= 0)) {
        throw new IllegalArgumentException(
            "\"" + text + "\": no repository's name has a '" + c + "' in it");
      }
    }
  }

  /** By a table rather than a regular expression: its time is bounded whatever the pattern. */
  boolean matches(RepositoryName name) {
    String subject = name.text();
    // reachable[j]: the pattern read so far can have consumed j characters.
    boolean[] reachable = new boolean[subject.length() + 1];
    reachable[0] = true;
    for (int i = 0; i < text.length(); i++) {
      boolean star = text.charAt(i) == '*';
      boolean deep = star && i + 1 < text.length() && text.charAt(i + 1) == '*';
      reachable = star ? afterStar(reachable, subject, deep) : after(reachable, subject, i);
      i += deep ? 1 : 0;
    }
    return reachable[subject.length()];
  }

  private boolean[] after(boolean[] before, String subject, int i) {
    boolean[] now = new boolean[before.length];
    for (int j = 0; j < subject.length(); j++) {
      now[j + 1] = before[j] && subject.charAt(j) == text.charAt(i);
    }
    return now;
  }

  private static boolean[] afterStar(boolean[] before, String subject, boolean deep) {
    boolean[] now = before.clone();
    for (int j = 0; j < subject.length(); j++) {
      now[j + 1] |= now[j] && (deep || subject.charAt(j) != '/');
    }
    return now;
  }
}
