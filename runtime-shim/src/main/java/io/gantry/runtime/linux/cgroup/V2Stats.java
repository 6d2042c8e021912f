package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads statistics of a v2 cgroup. */
final class V2Stats {
  private V2Stats() {}

  static CgroupStats read(ControlDirectory directory) throws LinuxException {
    return new CgroupStats(
        cpu(directory),
        memory(directory),
        pids(directory),
        disks(directory),
        hugetlb(directory),
        ControlText.pressure(directory.readIfPresent("io.pressure")));
  }

  private static Optional<CgroupStats.Cpu> cpu(ControlDirectory directory) throws LinuxException {
    String stat = directory.readIfPresent("cpu.stat");
    if (stat.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new CgroupStats.Cpu(
            ControlText.field(stat, "usage_usec") * 1000,
            ControlText.field(stat, "user_usec") * 1000,
            ControlText.field(stat, "system_usec") * 1000,
            ControlText.field(stat, "nr_periods"),
            ControlText.field(stat, "nr_throttled"),
            ControlText.field(stat, "throttled_usec") * 1000,
            ControlText.pressure(directory.readIfPresent("cpu.pressure"))));
  }

  private static Optional<CgroupStats.Memory> memory(ControlDirectory directory)
      throws LinuxException {
    String current = directory.readIfPresent("memory.current");
    if (current.isEmpty()) {
      return Optional.empty();
    }
    String stat = directory.readIfPresent("memory.stat");
    String events = directory.readIfPresent("memory.events");
    long usage = ControlText.number(current).orElse(0);
    long inactiveFile = ControlText.field(stat, "inactive_file");
    return Optional.of(
        new CgroupStats.Memory(
            usage,
            directory.number("memory.max"),
            directory.number("memory.peak"),
            Math.max(0, usage - inactiveFile),
            ControlText.field(stat, "anon"),
            ControlText.field(stat, "file"),
            ControlText.field(stat, "file_mapped"),
            directory.number("memory.swap.current"),
            directory.number("memory.swap.max"),
            ControlText.field(stat, "pgfault"),
            ControlText.field(stat, "pgmajfault"),
            inactiveFile,
            ControlText.field(stat, "active_file"),
            ControlText.field(stat, "inactive_anon"),
            ControlText.field(stat, "active_anon"),
            // Since kernel 5.18.
            ControlText.field(stat, "kernel", ' '),
            ControlText.field(events, "max"),
            ControlText.field(events, "oom_kill"),
            ControlText.pressure(directory.readIfPresent("memory.pressure"))));
  }

  private static Optional<CgroupStats.Pids> pids(ControlDirectory directory) throws LinuxException {
    String current = directory.readIfPresent("pids.current");
    return current.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new CgroupStats.Pids(
                ControlText.number(current).orElse(0), directory.number("pids.max")));
  }

  private static List<CgroupStats.BlockDevice> disks(ControlDirectory directory)
      throws LinuxException {
    List<CgroupStats.BlockDevice> disks = new ArrayList<>();
    for (String line : directory.readIfPresent("io.stat").split("\n")) {
      int colon = line.indexOf(':');
      int space = line.indexOf(' ');
      if (colon < 0 || space < colon) {
        continue;
      }
      disks.add(
          new CgroupStats.BlockDevice(
              Long.parseLong(line.substring(0, colon)),
              Long.parseLong(line.substring(colon + 1, space)),
              ControlText.field(line, "rbytes", '=').orElse(0),
              ControlText.field(line, "wbytes", '=').orElse(0),
              ControlText.field(line, "rios", '=').orElse(0),
              ControlText.field(line, "wios", '=').orElse(0)));
    }
    return disks;
  }

  private static List<CgroupStats.Hugetlb> hugetlb(ControlDirectory directory)
      throws LinuxException {
    List<CgroupStats.Hugetlb> sizes = new ArrayList<>();
    for (String size : HugePages.sizes(directory, ".current")) {
      String prefix = "hugetlb." + size;
      sizes.add(
          new CgroupStats.Hugetlb(
              size,
              directory.number(prefix + ".current").orElse(0),
              directory.number(prefix + ".max"),
              OptionalLong.empty(),
              ControlText.field(directory.readIfPresent(prefix + ".events"), "max")));
    }
    return sizes;
  }
}
