package io.gantry.image.unpack;

import io.gantry.image.tree.MergedTree;
import java.util.LinkedHashMap;
import java.util.Map;

/** Which extended attributes a layer may set. */
final class Attributes {

  private Attributes() {}

  /**
   * What of a member's attributes is set: not overlayfs's own, and no SELinux label, which is the
   * node's to give.
   */
  static Map<String, byte[]> allowed(Map<String, byte[]> attributes) {
    Map<String, byte[]> allowed = new LinkedHashMap<>();
    attributes.forEach(
        (name, value) -> {
          if (!MergedTree.belongsToOverlay(name) && !name.equals("security.selinux")) {
            allowed.put(name, value);
          }
        });
    return allowed;
  }
}
