package io.gantry.cri.systemd;

import io.gantry.cri.dbus.Encoder;
import io.gantry.cri.dbus.Variant;
import java.util.List;

/**
 * A unit's setting, as org.freedesktop.systemd1(5) names and types it.
 *
 * @param name such as {@code MemoryMax}
 */
public record Property(String name, Variant value) {
  public static Property text(String name, String value) {
    return new Property(name, new Variant.Text(value));
  }

  public static Property flag(String name, boolean value) {
    return new Property(name, new Variant.Flag(value));
  }

  public static Property number(String name, long value) {
    return new Property(name, new Variant.Number(value));
  }

  /** Type a(sv). */
  static void write(Encoder out, List<Property> properties) {
    out.array(
        8,
        elements ->
            properties.forEach(
                each -> elements.struct().string(each.name()).variant(each.value())));
  }
}
