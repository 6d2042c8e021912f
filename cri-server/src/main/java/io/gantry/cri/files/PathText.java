package io.gantry.cri.files;

import java.nio.charset.StandardCharsets;

/** Paths as messages have them, and as trees do: one character per byte. */
final class PathText {
  private PathText() {}

  static String toTree(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  static String fromTree(String path) {
    return new String(path.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }
}
