package io.gantry.runtime.linux;

/**
 * What mount_setattr(2) changes.
 *
 * @param set MOUNT_ATTR_ flags to raise
 * @param clear MOUNT_ATTR_ flags to lower; changing the atime mode needs MOUNT_ATTR_ATIME_MASK here
 * @param propagation one of MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, or 0 to leave it
 * @param userNamespace namespace whose mapping an MOUNT_ATTR_IDMAP mount gets; {@code null} without
 *     that flag
 */
public record MountAttributes(long set, long clear, long propagation, Fd userNamespace) {
  public MountAttributes {
    if (((set & MountFlags.MOUNT_ATTR_IDMAP) != 0) != (userNamespace != null)) {
      throw new IllegalArgumentException("MOUNT_ATTR_IDMAP and a user namespace belong together");
    }
  }

  public MountAttributes(long set, long clear, long propagation) {
    this(set, clear, propagation, null);
  }
}
