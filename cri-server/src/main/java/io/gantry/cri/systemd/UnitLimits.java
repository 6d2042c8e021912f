package io.gantry.cri.systemd;

import io.gantry.cri.dbus.Variant;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.linux.cgroup.HeldLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * The limits of a cgroup as settings of its unit (systemd.resource-control(5)). systemd writes what
 * it knows of into the cgroup's files whenever it finds reason to, after daemon-reload for one:
 * what it is not told of, it undoes.
 */
public final class UnitLimits {
  /** How "no limit" is sent: CGROUP_LIMIT_MAX, USEC_INFINITY. */
  private static final long INFINITY = -1;

  private static final long MICROS_PER_SECOND = 1_000_000;
  private static final long DEFAULT_PERIOD_MICROS = 100_000;

  private final boolean unified;
  private final List<Property> properties = new ArrayList<>();

  private UnitLimits(boolean unified) {
    this.unified = unified;
  }

  /** Settings that say what holds, for each limit that systemd knows; lifted ones included. */
  public static List<Property> of(HeldLimits held, Cgroups.Version version) {
    UnitLimits limits = new UnitLimits(version == Cgroups.Version.V2);
    limits.cpu(held);
    limits.memory(held);
    limits.limit("TasksMax", held.pidsMax());
    limits.disks(held);
    return List.copyOf(limits.properties);
  }

  private void limit(String name, OptionalLong value) {
    properties.add(Property.number(name, value.orElse(INFINITY)));
  }

  private void setting(String name, OptionalLong value) {
    value.ifPresent(set -> properties.add(Property.number(name, set)));
  }

  private void cpu(HeldLimits held) {
    setting("CPUWeight", held.cpuWeight());
    setting("CPUShares", held.cpuShares());
    long period = held.periodMicros().orElse(DEFAULT_PERIOD_MICROS);
    if (held.quotaMicros().isPresent()) {
      long perSecond =
          Math.multiplyExact(held.quotaMicros().getAsLong(), MICROS_PER_SECOND) / period;
      properties.add(Property.number("CPUQuotaPerSecUSec", perSecond));
    } else {
      properties.add(Property.number("CPUQuotaPerSecUSec", INFINITY));
    }
    properties.add(Property.number("CPUQuotaPeriodUSec", period));
    if (unified) {
      properties.add(new Property("AllowedCPUs", new Variant.Bytes(mask(held.cpus()))));
      properties.add(new Property("AllowedMemoryNodes", new Variant.Bytes(mask(held.mems()))));
    }
  }

  private void memory(HeldLimits held) {
    if (!unified) {
      limit("MemoryLimit", held.memoryMax());
      return;
    }
    properties.add(Property.number("MemoryMin", held.memoryMin().orElse(0)));
    properties.add(Property.number("MemoryLow", held.memoryLow().orElse(0)));
    limit("MemoryHigh", held.memoryHigh());
    limit("MemoryMax", held.memoryMax());
    limit("MemorySwapMax", held.swapMax());
  }

  private void disks(HeldLimits held) {
    setting(unified ? "IOWeight" : "BlockIOWeight", held.ioWeight());
    if (unified) {
      rates("IOReadBandwidthMax", held, HeldLimits.DiskRates::readBytes);
      rates("IOWriteBandwidthMax", held, HeldLimits.DiskRates::writeBytes);
      rates("IOReadIOPSMax", held, HeldLimits.DiskRates::reads);
      rates("IOWriteIOPSMax", held, HeldLimits.DiskRates::writes);
    } else {
      rates("BlockIOReadBandwidth", held, HeldLimits.DiskRates::readBytes);
      rates("BlockIOWriteBandwidth", held, HeldLimits.DiskRates::writeBytes);
    }
  }

  /** An empty array lifts all that were set before. */
  private void rates(
      String name, HeldLimits held, Function<HeldLimits.DiskRates, OptionalLong> rate) {
    List<Variant.NamedNumber> limited = new ArrayList<>();
    for (HeldLimits.DiskRates disk : held.diskRates()) {
      String device = "/dev/block/" + disk.major() + ":" + disk.minor();
      rate.apply(disk).ifPresent(set -> limited.add(new Variant.NamedNumber(device, set)));
    }
    properties.add(new Property(name, new Variant.NamedNumbers(limited)));
  }

  /**
   * A list such as {@code 0-3,7} as a mask, bit 0 of byte 0 first, as systemd takes it; without
   * bytes for an empty list.
   */
  static List<Byte> mask(String list) {
    List<Byte> mask = new ArrayList<>();
    if (list.isBlank()) {
      return mask;
    }
    for (String part : list.strip().split(",")) {
      int dash = part.indexOf('-');
      int first = Integer.parseInt(dash < 0 ? part : part.substring(0, dash));
      int last = Integer.parseInt(dash < 0 ? part : part.substring(dash + 1));
      while (mask.size() <= last / 8) {
        mask.add((byte) 0);
      }
      for (int number = first; number <= last; number++) {
        mask.set(number / 8, (byte) (mask.get(number / 8) | 1 << number % 8));
      }
    }
    return mask;
  }
}
