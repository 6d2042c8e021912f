package io.gantry.cri.cdi;

import java.util.regex.Pattern;

/**
 * A fully qualified device name, {@code vendor/class=name} (CDI specification, "Kind" and "Device
 * names").
 *
 * @param kind vendor/class
 */
public record DeviceName(String kind, String device) {
  private static final Pattern KIND =
      Pattern.compile("[A-Za-z]([A-Za-z0-9_.-]*[A-Za-z0-9])?/[A-Za-z]([A-Za-z0-9_-]*[A-Za-z0-9])?");

  private static final Pattern DEVICE =
      Pattern.compile("[A-Za-z0-9]([A-Za-z0-9_.:-]*[A-Za-z0-9])?");

  /**
   * @throws IllegalArgumentException if it is no such name
   */
  public static DeviceName parse(String text) {
    int equals = text.indexOf('=');
    if (equals < 0 || !isKind(text.substring(0, equals)) || !isDevice(text.substring(equals + 1))) {
      throw new IllegalArgumentException(
          "CDI device \"" + text + "\": not of the form vendor/class=name");
    }
    return new DeviceName(text.substring(0, equals), text.substring(equals + 1));
  }

  static boolean isKind(String text) {
    return KIND.matcher(text).matches();
  }

  static boolean isDevice(String text) {
    return DEVICE.matcher(text).matches();
  }

  @Override
  public String toString() {
    return kind + "=" + device;
  }
}
