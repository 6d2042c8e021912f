package io.gantry.image.unpack;

import java.util.LinkedHashMap;
import java.util.Map;

/** Which extended attributes a layer may set. */
final class Attributes {

  private Attributes() {}

  /**
   * Whether overlayfs reads it as an order to itself: a layer that could set one could redirect a
   * directory to somewhere else (kernel, filesystems/overlayfs.rst).
   */
  static boolean belongsToOverlay(String name) {
    return name.startsWith("trusted.overlay.") || name.startsWith("user.overlay.");
  }

  /**
   * What of a member's attributes is set: not overlayfs's own, and no SELinux label, which is the
   * node's to give.
   */
  static Map<String, byte[]> allowed(Map<String, byte[]> attributes) {
    Map<String, byte[]> allowed = new LinkedHashMap<>();
    attributes.forEach(
        (name, value) -> {
          if (!belongsToOverlay(name) && !name.equals("security.selinux")) {
            allowed.put(name, value);
          }
        });
    return allowed;
  }
}
