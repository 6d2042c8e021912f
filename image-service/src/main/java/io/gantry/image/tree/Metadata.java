package io.gantry.image.tree;

import java.util.Map;
import java.util.Objects;

/**
 * What a file has beside its content.
 *
 * @param uid the owner; the kernel's 32 bits, so large ids are negative here
 * @param permissions 07777 of the mode
 * @param attributes extended attributes to set; others stay
 */
public record Metadata(
    int uid, int gid, int permissions, Timestamp modified, Map<String, byte[]> attributes) {
  public Metadata {
    Objects.requireNonNull(modified);
    attributes = Map.copyOf(attributes);
    if ((permissions & ~07777) != 0) {
      throw new IllegalArgumentException(
          "permissions out of range: " + Integer.toOctalString(permissions));
    }
  }
}
