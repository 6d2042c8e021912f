package io.gantry.cri.selinux;

import io.gantry.proto.cri.v1.SELinuxOption;

/**
 * A security context, {@code user:role:type:level} (selinux(8)).
 *
 * @param level sensitivity and categories, such as {@code s0:c1,c2}
 */
public record SeLinuxLabel(String user, String role, String type, String level) {

  /**
   * @throws IllegalArgumentException if it has fewer than four parts
   */
  static SeLinuxLabel parse(String text) {
    String[] parts = text.split(":", 4); // A level holds colons itself.
    if (parts.length < 4) {
      throw new IllegalArgumentException("\"" + text + "\" is not user:role:type:level");
    }
    return new SeLinuxLabel(parts[0], parts[1], parts[2], parts[3]);
  }

  /** The same with every part that {@code asked} gives in its place. */
  public SeLinuxLabel with(SELinuxOption asked) {
    return new SeLinuxLabel(
        asked.getUser().isEmpty() ? user : asked.getUser(),
        asked.getRole().isEmpty() ? role : asked.getRole(),
        asked.getType().isEmpty() ? type : asked.getType(),
        asked.getLevel().isEmpty() ? level : asked.getLevel());
  }

  /** The same with another level. */
  public SeLinuxLabel withLevel(String other) {
    return new SeLinuxLabel(user, role, type, other);
  }

  @Override
  public String toString() {
    return user + ":" + role + ":" + type + ":" + level;
  }
}
