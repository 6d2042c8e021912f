package io.gantry.cri.cgroup;

import io.gantry.cri.dbus.DBusException;
import io.gantry.cri.dbus.Variant;
import io.gantry.cri.systemd.Property;
import io.gantry.cri.systemd.Systemd;
import io.gantry.cri.systemd.UnitLimits;
import io.gantry.cri.systemd.UnitPath;
import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.linux.cgroup.HeldLimits;
import io.gantry.runtime.oci.OciResources;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Driver systemd: pods are slices, and what is in them are scopes, delegated to gantry. The cgroup
 * is made like any other, systemd is told to take it over, and what is written into its files later
 * is told to systemd.
 *
 * <p>A scope must have a process from its beginning to its end: systemd starts none without, and
 * removes the cgroup, with all its counters, the moment it is empty. A container has none before it
 * starts, and whether memory ran out is read when it has ended. So each scope has a keeper.
 */
public final class SystemdCgroups implements CgroupDriver {
  private static final String DEFAULT_PARENT = "gantry.slice";
  private static final String MEMBER = "cri-gantry-";
  private static final int SIGKILL = 9;
  private static final long INFINITY = -1;

  private final Systemd systemd;
  private final Cgroups cgroups;
  private final Keepers keepers;
  private final PlainCgroups plain;
  private final boolean slicesOnly;
  private final String defaultParent;

  /**
   * @param slicesOnly refuses pods whose parent is no slice; else their cgroups are gantry's own
   * @param defaultParent of pods that name none; empty for gantry.slice
   * @throws IllegalArgumentException if that is refused
   */
  public SystemdCgroups(
      Systemd systemd,
      Linux linux,
      Launcher launcher,
      Cgroups cgroups,
      boolean slicesOnly,
      Optional<String> defaultParent) {
    this.systemd = systemd;
    this.cgroups = cgroups;
    this.keepers = new Keepers(linux, launcher);
    this.plain = new PlainCgroups(cgroups, Optional.empty());
    this.slicesOnly = slicesOnly;
    this.defaultParent = ofPod(defaultParent.orElse(DEFAULT_PARENT));
  }

  @Override
  public boolean isSystemd() {
    return true;
  }

  @Override
  public String defaultParent() {
    return defaultParent;
  }

  @Override
  public String ofPod(String asked) {
    if (asked.endsWith(".slice")) {
      return UnitPath.slice(asked).path();
    }
    if (slicesOnly) {
      throw new IllegalArgumentException(
          "cgroup parent \"%s\" is not a slice; is the kubelet's cgroup driver systemd?"
              .formatted(asked));
    }
    return plain.ofPod(asked);
  }

  @Override
  public String member(String pod, String id) {
    return UnitPath.isUnit(pod)
        ? new UnitPath(pod).scope(MEMBER + id).path()
        : plain.member(pod, id);
  }

  @Override
  public void make(String path, Member member) throws IOException {
    if (!UnitPath.isUnit(path)) {
      plain.make(path, member);
      return;
    }
    UnitPath unit = new UnitPath(path);
    if (unit.isSlice()) {
      makeSlice(unit, member);
      return;
    }
    cgroups.create(path);
    try {
      Cgroup place = cgroups.createKeeper(path);
      int keeper = keepers.launch(path, place);
      start(unit, scope(unit, member, keeper));
      // systemd has moved it into the cgroup itself, where processes are the container's.
      place.join(keeper);
    } catch (IOException | RuntimeException e) {
      undo(path, e);
      throw e;
    }
  }

  private void undo(String path, Exception cause) {
    try {
      remove(path);
    } catch (IOException | RuntimeException e) {
      cause.addSuppressed(e);
    }
  }

  private void makeSlice(UnitPath slice, Member member) throws IOException {
    List<Property> properties = new ArrayList<>();
    properties.add(Property.text("Description", member.words()));
    properties.addAll(accounting());
    try {
      systemd.start(slice, properties);
    } catch (DBusException e) {
      if (!Systemd.isThereAlready(e)) {
        throw e;
      }
    }
    // Controllers that systemd does not know (hugetlb) are enabled on the way.
    cgroups.create(slice.path());
  }

  private void start(UnitPath unit, List<Property> properties) throws IOException {
    try {
      systemd.start(unit, properties);
    } catch (DBusException e) {
      if (!Systemd.isThereAlready(e)) {
        throw e;
      }
      // An earlier try's, of which the answer was lost.
      systemd.resetFailed(unit);
      systemd.start(unit, properties);
    }
  }

  private List<Property> scope(UnitPath unit, Member member, int keeper) {
    List<Property> properties = new ArrayList<>();
    properties.add(Property.text("Description", member.words()));
    properties.add(Property.text("Slice", unit.parent().name()));
    properties.add(new Property("PIDs", new Variant.Numbers(List.of(keeper))));
    properties.add(Property.flag("Delegate", true));
    properties.addAll(accounting());
    // Else systemd's DefaultTasksMax holds.
    properties.add(Property.number("TasksMax", INFINITY));
    properties.add(Property.text("CollectMode", "inactive-or-failed"));
    // At shutdown containers end first, then their shims, then the daemon, so that ends are
    // recorded and logs are complete.
    properties.add(
        new Property("After", new Variant.Texts(List.of("gantry.service", ShimScope.NAME))));
    if (member.patience().isZero()) {
      properties.add(new Property("KillSignal", new Variant.Signed(SIGKILL)));
    } else {
      properties.add(Property.number("TimeoutStopUSec", member.patience().toNanos() / 1000));
    }
    return properties;
  }

  /** What is accounted has its controllers enabled. */
  private List<Property> accounting() {
    boolean unified = cgroups.version() == Cgroups.Version.V2;
    return List.of(
        Property.flag("CPUAccounting", true),
        Property.flag("MemoryAccounting", true),
        Property.flag("TasksAccounting", true),
        Property.flag(unified ? "IOAccounting" : "BlockIOAccounting", true));
  }

  @Override
  public void limitsChanged(String path) throws IOException {
    if (!UnitPath.isUnit(path)) {
      return;
    }
    Cgroup cgroup = cgroups.at(path);
    HeldLimits held = cgroup.limits();
    try {
      systemd.set(new UnitPath(path), UnitLimits.of(held, cgroups.version()));
    } catch (DBusException e) {
      // Another driver's, which systemd knows nothing of.
      if (!Systemd.isNotThere(e)) {
        throw e;
      }
    }
    if (!held.others().isEmpty()) {
      cgroup.apply(OciResources.NONE.withUnified(held.others()));
    }
  }

  @Override
  public void remove(String path) throws IOException {
    plain.remove(path);
    if (UnitPath.isUnit(path)) {
      systemd.stop(new UnitPath(path));
      keepers.reap(path);
    }
  }
}
