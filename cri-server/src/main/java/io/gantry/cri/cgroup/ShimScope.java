package io.gantry.cri.cgroup;

import io.gantry.cri.dbus.DBusException;
import io.gantry.cri.dbus.Variant;
import io.gantry.cri.systemd.Property;
import io.gantry.cri.systemd.Systemd;
import io.gantry.cri.systemd.UnitPath;
import java.io.IOException;
import java.util.List;

/**
 * The scope that all shims live in. In the daemon's own service they would share its limits, and be
 * left-over processes to systemd at each of its restarts. Thread-safe.
 */
public final class ShimScope {
  static final String NAME = "gantry-shims.scope";

  private static final UnitPath UNIT = new UnitPath("/system.slice/" + NAME);
  private static final long INFINITY = -1;

  private final Systemd systemd;

  public ShimScope(Systemd systemd) {
    this.systemd = systemd;
  }

  /**
   * Moves a shim there. The scope is there as long as a shim is.
   *
   * @throws IOException if it stays where it was
   */
  public synchronized void take(long pid) throws IOException {
    try {
      systemd.attach(UNIT, List.of((int) pid));
    } catch (DBusException e) {
      if (!Systemd.isNotThere(e)) {
        throw e;
      }
      systemd.start(UNIT, scope((int) pid));
    }
  }

  private static List<Property> scope(int pid) {
    return List.of(
        Property.text("Description", "Shims of gantry's containers"),
        Property.text("Slice", UNIT.parent().name()),
        new Property("PIDs", new Variant.Numbers(List.of(pid))),
        // With it one that is killed for memory does not take the others along (OOMPolicy=).
        Property.flag("Delegate", true),
        Property.number("TasksMax", INFINITY),
        Property.text("CollectMode", "inactive-or-failed"),
        new Property("After", new Variant.Texts(List.of("gantry.service"))));
  }
}
