package io.gantry.image.dockerfile;

import java.util.ArrayList;
import java.util.List;

/**
 * A shell's pattern for parts of a variable's value: {@code *} is any text, {@code ?} any
 * character. Matching takes time in proportion to pattern and text, whatever they are.
 */
final class GlobText {
  private static final int ANY_TEXT = -1;
  private static final int ANY_CHARACTER = -2;

  private final int[] parts;

  private GlobText(int[] parts) {
    this.parts = parts;
  }

  /** Puts a pattern together. */
  static final class Builder {
    private final List<Integer> parts = new ArrayList<>();

    void literal(char c) {
      parts.add((int) c);
    }

    void special(char c) {
      parts.add(c == '*' ? ANY_TEXT : c == '?' ? ANY_CHARACTER : c);
    }

    GlobText build() {
      return new GlobText(parts.stream().mapToInt(Integer::intValue).toArray());
    }
  }

  /** Without the shortest, or longest, beginning that matches. */
  String withoutPrefix(String value, boolean longest) {
    int end = end(value, 0, longest);
    return end < 0 ? value : value.substring(end);
  }

  /** Without the shortest, or longest, end that matches. */
  String withoutSuffix(String value, boolean longest) {
    for (int i = 0; i <= value.length(); i++) {
      int from = longest ? i : value.length() - i;
      boolean[] ends = ends(value, from);
      if (ends[value.length() - from]) {
        return value.substring(0, from);
      }
    }
    return value;
  }

  /** With the first, or every, longest match replaced. */
  String replaced(String value, String replacement, boolean all) {
    StringBuilder out = new StringBuilder();
    int at = 0;
    boolean done = false;
    while (at < value.length()) {
      int end = done ? -1 : end(value, at, true);
      if (end > at) {
        out.append(replacement);
        at = end;
        done = !all;
      } else {
        out.append(value.charAt(at++));
      }
    }
    return out.toString();
  }

  /** Where a match that begins there ends; -1 if there is none. */
  private int end(String value, int from, boolean longest) {
    boolean[] ends = ends(value, from);
    for (int i = 0; i < ends.length; i++) {
      int length = longest ? ends.length - 1 - i : i;
      if (ends[length]) {
        return from + length;
      }
    }
    return -1;
  }

  /** For each length, whether the text of that length matches the whole pattern. */
  private boolean[] ends(String value, int from) {
    int length = value.length() - from;
    boolean[] now = new boolean[length + 1];
    now[0] = true;
    for (int part : parts) {
      boolean[] next = new boolean[length + 1];
      for (int i = 0; i <= length; i++) {
        if (part == ANY_TEXT) {
          next[i] = now[i] || i > 0 && next[i - 1];
        } else if (i > 0 && now[i - 1]) {
          next[i] = part == ANY_CHARACTER || part == value.charAt(from + i - 1);
        }
      }
      now = next;
    }
    return now;
  }
}
