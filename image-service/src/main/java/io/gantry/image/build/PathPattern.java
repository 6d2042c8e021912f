package io.gantry.image.build;

import java.util.ArrayList;
import java.util.List;

/**
 * A pattern for paths, as .dockerignore has them: {@code *} and {@code ?} stay within a component,
 * {@code **} is any number of components, {@code [a-z]} is one of some characters, a backslash
 * makes the next character itself. Matching takes time in proportion to pattern and path.
 */
final class PathPattern {

  /** One step of a pattern. */
  private sealed interface Part {
    /** Whether a character may stand here. */
    boolean takes(char c);
  }

  private record Literal(char character) implements Part {
    @Override
    public boolean takes(char c) {
      return c == character;
    }
  }

  private record AnyCharacter() implements Part {
    @Override
    public boolean takes(char c) {
      return c != '/';
    }
  }

  /**
   * @param ranges pairs of first and last
   */
  private record OneOf(boolean not, String ranges) implements Part {
    @Override
    public boolean takes(char c) {
      if (c == '/') {
        return false;
      }
      boolean found = false;
      for (int i = 0; i < ranges.length(); i += 2) {
        found |= c >= ranges.charAt(i) && c <= ranges.charAt(i + 1);
      }
      return found != not;
    }
  }

  /** Any number of characters. */
  private record Many(boolean slashes) implements Part {
    @Override
    public boolean takes(char c) {
      return slashes || c != '/';
    }
  }

  /** Any number of whole components with the slash behind each. */
  private record Directories() implements Part {
    @Override
    public boolean takes(char c) {
      return true;
    }
  }

  private final List<Part> parts;

  private PathPattern(List<Part> parts) {
    this.parts = parts;
  }

  /**
   * @throws IllegalArgumentException if a class of characters has no end
   */
  static PathPattern of(String pattern) {
    List<Part> parts = new ArrayList<>();
    int at = 0;
    while (at < pattern.length()) {
      char c = pattern.charAt(at++);
      if (c == '*' && at < pattern.length() && pattern.charAt(at) == '*') {
        at++;
        if (at < pattern.length() && pattern.charAt(at) == '/') {
          at++;
          parts.add(new Directories());
        } else {
          parts.add(new Many(true));
        }
      } else if (c == '*') {
        parts.add(new Many(false));
      } else if (c == '?') {
        parts.add(new AnyCharacter());
      } else if (c == '[') {
        at = oneOf(pattern, at, parts);
      } else if (c == '\\' && at < pattern.length()) {
        parts.add(new Literal(pattern.charAt(at++)));
      } else {
        parts.add(new Literal(c));
      }
    }
    return new PathPattern(parts);
  }

  private static int oneOf(String pattern, int from, List<Part> parts) {
    int at = from;
    boolean not = at < pattern.length() && pattern.charAt(at) == '^';
    at += not ? 1 : 0;
    StringBuilder ranges = new StringBuilder();
    while (at < pattern.length() && (pattern.charAt(at) != ']' || ranges.length() == 0)) {
      char first = pattern.charAt(at++);
      if (first == '\\' && at < pattern.length()) {
        first = pattern.charAt(at++);
      }
      char last = first;
      if (at + 1 < pattern.length() && pattern.charAt(at) == '-' && pattern.charAt(at + 1) != ']') {
        last = pattern.charAt(at + 1);
        at += 2;
      }
      ranges.append(first).append(last);
    }
    if (at >= pattern.length()) {
      throw new IllegalArgumentException("'[' without ']' in the pattern \"" + pattern + "\"");
    }
    parts.add(new OneOf(not, ranges.toString()));
    return at + 1;
  }

  /** Whether text has a character that means something in a pattern. */
  static boolean isPattern(String text) {
    return text.chars().anyMatch(c -> c == '*' || c == '?' || c == '[');
  }

  boolean matches(String path) {
    int length = path.length();
    boolean[] now = new boolean[length + 1];
    now[0] = true;
    for (Part part : parts) {
      boolean[] next = new boolean[length + 1];
      boolean inside = false;
      for (int i = 0; i <= length; i++) {
        if (part instanceof Many) {
          next[i] = now[i] || i > 0 && next[i - 1] && part.takes(path.charAt(i - 1));
        } else if (part instanceof Directories) {
          // From where it begins on, each place behind a slash is one where it may end.
          next[i] = now[i] || inside && i > 0 && path.charAt(i - 1) == '/';
          inside |= now[i];
        } else {
          next[i] = i > 0 && now[i - 1] && part.takes(path.charAt(i - 1));
        }
      }
      now = next;
    }
    return now[length];
  }
}
