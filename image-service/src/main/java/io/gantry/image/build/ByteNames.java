package io.gantry.image.build;

import java.nio.charset.StandardCharsets;

/**
 * File names as {@code image.tree} has them, one character for each byte, and as people write them.
 */
final class ByteNames {
  private ByteNames() {}

  static String of(String text) {
    return new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  static String shown(String name) {
    return new String(name.getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8);
  }

  /** The last component. */
  static String base(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  static String join(String directory, String name) {
    return directory.isEmpty() ? name : name.isEmpty() ? directory : directory + "/" + name;
  }

  /**
   * A path without empty components, {@code .} and {@code ..}; what would lead above the root stays
   * there, as it does for a process with that root.
   */
  static String clean(String path) {
    StringBuilder clean = new StringBuilder();
    for (String component : path.split("/")) {
      if (component.equals("..")) {
        clean.setLength(Math.max(0, clean.lastIndexOf("/")));
      } else if (!component.isEmpty() && !component.equals(".")) {
        clean.append(clean.length() == 0 ? "" : "/").append(component);
      }
    }
    return clean.toString();
  }
}
