package io.gantry.runtime.linux;

/**
 * A device's number in its two parts.
 *
 * @param major 0 to 4095
 * @param minor 0 to 1048575
 */
public record DeviceNumber(int major, int minor) {
  /** What is not a device. */
  public static final DeviceNumber NONE = new DeviceNumber(0, 0);

  public DeviceNumber {
    if (major < 0 || major > 0xfff || minor < 0 || minor > 0xfffff) {
      throw new IllegalArgumentException("device number out of range: " + major + ":" + minor);
    }
  }

  /** The number as mknod(2) takes it: the kernel's new_encode_dev (include/linux/kdev_t.h). */
  int encoded() {
    return (minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12);
  }
}
