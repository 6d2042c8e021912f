package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.LinuxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads statistics of a v1 cgroup. */
final class V1Stats {
  /** Unlimited is the largest multiple of the page size: compared with some room. */
  private static final long UNLIMITED = Long.MAX_VALUE - (1L << 20);

  private V1Stats() {}

  static CgroupStats read(V1Cgroup cgroup) throws LinuxException {
    return new CgroupStats(
        cpu(cgroup.of("cpuacct"), cgroup.of("cpu")),
        memory(cgroup.of("memory")),
        pids(cgroup.of("pids")),
        disks(cgroup.of("blkio")),
        hugetlb(cgroup.of("hugetlb")),
        Optional.empty());
  }

  private static Optional<CgroupStats.Cpu> cpu(
      Optional<ControlDirectory> accounting, Optional<ControlDirectory> bandwidth)
      throws LinuxException {
    if (accounting.isEmpty()) {
      return Optional.empty();
    }
    ControlDirectory directory = accounting.get();
    String stat = bandwidth.isPresent() ? bandwidth.get().readIfPresent("cpu.stat") : "";
    return Optional.of(
        new CgroupStats.Cpu(
            directory.number("cpuacct.usage").orElse(0),
            directory.number("cpuacct.usage_user").orElse(0),
            directory.number("cpuacct.usage_sys").orElse(0),
            ControlText.field(stat, "nr_periods"),
            ControlText.field(stat, "nr_throttled"),
            ControlText.field(stat, "throttled_time"),
            Optional.empty()));
  }

  private static Optional<CgroupStats.Memory> memory(Optional<ControlDirectory> of)
      throws LinuxException {
    if (of.isEmpty()) {
      return Optional.empty();
    }
    ControlDirectory directory = of.get();
    String stat = directory.readIfPresent("memory.stat");
    long usage = directory.number("memory.usage_in_bytes").orElse(0);
    long inactiveFile = ControlText.field(stat, "total_inactive_file");
    OptionalLong withSwap = directory.number("memory.memsw.usage_in_bytes");
    OptionalLong limit = limit(directory, "memory.limit_in_bytes");
    OptionalLong limitWithSwap = limit(directory, "memory.memsw.limit_in_bytes");
    return Optional.of(
        new CgroupStats.Memory(
            usage,
            limit,
            directory.number("memory.max_usage_in_bytes"),
            Math.max(0, usage - inactiveFile),
            ControlText.field(stat, "total_rss"),
            ControlText.field(stat, "total_cache"),
            ControlText.field(stat, "total_mapped_file"),
            withSwap.isPresent()
                ? OptionalLong.of(Math.max(0, withSwap.getAsLong() - usage))
                : OptionalLong.empty(),
            limit.isPresent() && limitWithSwap.isPresent()
                ? OptionalLong.of(Math.max(0, limitWithSwap.getAsLong() - limit.getAsLong()))
                : OptionalLong.empty(),
            ControlText.field(stat, "total_pgfault"),
            ControlText.field(stat, "total_pgmajfault"),
            inactiveFile,
            ControlText.field(stat, "total_active_file"),
            ControlText.field(stat, "total_inactive_anon"),
            ControlText.field(stat, "total_active_anon"),
            directory.number("memory.kmem.usage_in_bytes"),
            directory.number("memory.failcnt").orElse(0),
            V1Memory.oomKills(directory),
            Optional.empty()));
  }

  static OptionalLong limit(ControlDirectory directory, String name) throws LinuxException {
    OptionalLong limit = directory.number(name);
    return limit.isPresent() && limit.getAsLong() >= UNLIMITED ? OptionalLong.empty() : limit;
  }

  private static Optional<CgroupStats.Pids> pids(Optional<ControlDirectory> of)
      throws LinuxException {
    if (of.isEmpty()) {
      return Optional.empty();
    }
    return Optional.of(
        new CgroupStats.Pids(
            of.get().number("pids.current").orElse(0), of.get().number("pids.max")));
  }

  private static List<CgroupStats.BlockDevice> disks(Optional<ControlDirectory> of)
      throws LinuxException {
    List<CgroupStats.BlockDevice> disks = new ArrayList<>();
    if (of.isEmpty()) {
      return disks;
    }
    String bytes = of.get().readIfPresent("blkio.throttle.io_service_bytes_recursive");
    String operations = of.get().readIfPresent("blkio.throttle.io_serviced_recursive");
    for (String line : bytes.split("\n")) {
      int colon = line.indexOf(':');
      int space = line.indexOf(' ');
      if (colon < 0 || space < colon || !line.contains(" Read ")) {
        continue;
      }
      String disk = line.substring(0, space);
      disks.add(
          new CgroupStats.BlockDevice(
              Long.parseLong(disk.substring(0, colon)),
              Long.parseLong(disk.substring(colon + 1)),
              ControlText.field(bytes, disk + " Read"),
              ControlText.field(bytes, disk + " Write"),
              ControlText.field(operations, disk + " Read"),
              ControlText.field(operations, disk + " Write")));
    }
    return disks;
  }

  private static List<CgroupStats.Hugetlb> hugetlb(Optional<ControlDirectory> of)
      throws LinuxException {
    List<CgroupStats.Hugetlb> sizes = new ArrayList<>();
    if (of.isEmpty()) {
      return sizes;
    }
    ControlDirectory directory = of.get();
    for (String size : HugePages.sizes(directory, ".usage_in_bytes")) {
      String prefix = "hugetlb." + size;
      sizes.add(
          new CgroupStats.Hugetlb(
              size,
              directory.number(prefix + ".usage_in_bytes").orElse(0),
              limit(directory, prefix + ".limit_in_bytes"),
              directory.number(prefix + ".max_usage_in_bytes"),
              directory.number(prefix + ".failcnt").orElse(0)));
    }
    return sizes;
  }
}
