package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Reads the limits of a v1 cgroup back. */
final class V1HeldLimits {
  private V1HeldLimits() {}

  static HeldLimits read(V1Cgroup cgroup) throws LinuxException {
    Optional<ControlDirectory> cpu = cgroup.of("cpu");
    Optional<ControlDirectory> memory = cgroup.of("memory");
    OptionalLong quota = number(cpu, "cpu.cfs_quota_us");
    return new HeldLimits(
        OptionalLong.empty(),
        number(cpu, "cpu.shares"),
        quota.orElse(-1) < 0 ? OptionalLong.empty() : quota,
        number(cpu, "cpu.cfs_period_us"),
        OptionalLong.empty(),
        OptionalLong.empty(),
        OptionalLong.empty(),
        memory.isPresent()
            ? V1Stats.limit(memory.get(), "memory.limit_in_bytes")
            : OptionalLong.empty(),
        OptionalLong.empty(),
        number(cgroup.of("pids"), "pids.max"),
        "",
        "",
        number(cgroup.of("blkio"), "blkio.weight"),
        rates(cgroup.of("blkio")),
        Map.of());
  }

  private static OptionalLong number(Optional<ControlDirectory> directory, String name)
      throws LinuxException {
    return directory.isPresent() ? directory.get().number(name) : OptionalLong.empty();
  }

  private static List<HeldLimits.DiskRates> rates(Optional<ControlDirectory> of)
      throws LinuxException {
    if (of.isEmpty()) {
      return List.of();
    }
    String[] files = {
      "blkio.throttle.read_bps_device",
      "blkio.throttle.write_bps_device",
      "blkio.throttle.read_iops_device",
      "blkio.throttle.write_iops_device"
    };
    Map<String, OptionalLong[]> byDisk = new TreeMap<>();
    for (int file = 0; file < files.length; file++) {
      // Lines such as "8:16 1048576".
      for (String line : of.get().readIfPresent(files[file]).split("\n")) {
        int space = line.indexOf(' ');
        if (line.indexOf(':') > 0 && space > 0) {
          byDisk.computeIfAbsent(line.substring(0, space), any -> none())[file] =
              ControlText.number(line.substring(space + 1));
        }
      }
    }
    List<HeldLimits.DiskRates> rates = new ArrayList<>();
    byDisk.forEach(
        (disk, each) -> {
          int colon = disk.indexOf(':');
          rates.add(
              new HeldLimits.DiskRates(
                  Long.parseLong(disk.substring(0, colon)),
                  Long.parseLong(disk.substring(colon + 1)),
                  each[0],
                  each[1],
                  each[2],
                  each[3]));
        });
    return rates;
  }

  private static OptionalLong[] none() {
    return new OptionalLong[] {
      OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty(), OptionalLong.empty()
    };
  }
}
