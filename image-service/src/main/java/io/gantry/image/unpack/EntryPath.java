package io.gantry.image.unpack;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import io.gantry.image.failure.ImageException;
import java.util.ArrayList;
import java.util.List;

/**
 * A member's name made into the components of a path below the root; none of them is empty, {@code
 * .} or {@code ..}.
 */
final class EntryPath {

  private EntryPath() {}

  /**
   * @return the components, none for the root itself
   * @throws ImageException CORRUPT if the name leads out of the root, or is too long
   */
  static List<String> components(String name, int limitBytes) throws ImageException {
    if (name.length() > limitBytes) {
      throw new ImageException(
          CORRUPT, "the name " + shown(name) + " is longer than " + limitBytes + " bytes");
    }
    if (name.isEmpty() || name.indexOf('\0') >= 0) {
      throw new ImageException(
          CORRUPT, "the name " + shown(name) + " is empty or holds a zero byte");
    }
    List<String> components = new ArrayList<>();
    for (String component : name.split("/")) {
      if (component.equals("..")) {
        if (components.isEmpty()) {
          throw new ImageException(CORRUPT, "the name " + shown(name) + " leads out of the root");
        }
        components.remove(components.size() - 1);
      } else if (!component.isEmpty() && !component.equals(".")) {
        components.add(component);
      }
    }
    return components;
  }

  /** A name for messages: bounded, and without bytes that are no plain text. */
  static String shown(String name) {
    String bounded = name.length() > 200 ? name.substring(0, 200) + "…" : name;
    return "\"" + bounded.replaceAll("[^\\x20-\\x7e…]", "?") + "\"";
  }
}
