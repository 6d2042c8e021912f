package io.gantry.cri.metrics;

import io.gantry.runtime.linux.Host;
import io.gantry.runtime.linux.cgroup.CgroupStats;
import io.gantry.runtime.linux.cgroup.CgroupStats.BlockDevice;
import io.gantry.runtime.linux.cgroup.CgroupStats.Pressure;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/** Fills in what a cgroup tells. Thread-safe. */
final class CgroupMetrics {
  private final Host host;
  private final Map<String, String> devices = new ConcurrentHashMap<>();

  CgroupMetrics(Host host) {
    this.host = host;
  }

  void add(Sheet sheet, CgroupStats stats) {
    stats.cpu().ifPresent(cpu -> cpu(sheet, cpu));
    stats.memory().ifPresent(memory -> memory(sheet, memory));
    stats.blockDevices().forEach(device -> disk(sheet, device));
    for (CgroupStats.Hugetlb pages : stats.hugetlb()) {
      sheet.add(MetricName.HUGETLB_USAGE, pages.usageBytes(), pages.pageSize());
      sheet.add(MetricName.HUGETLB_MAX_USAGE, pages.peakBytes(), pages.pageSize());
    }
    pressure(
        sheet, stats.ioPressure(), MetricName.PRESSURE_IO_WAITING, MetricName.PRESSURE_IO_STALLED);
    stats
        .pids()
        .ifPresent(
            pids -> {
              sheet.add(MetricName.THREADS, pids.current());
              sheet.add(MetricName.THREADS_MAX, pids.limit().orElse(0));
            });
  }

  private static void cpu(Sheet sheet, CgroupStats.Cpu cpu) {
    sheet.add(MetricName.CPU_USAGE, seconds(cpu.usageNanos()), "total");
    sheet.add(MetricName.CPU_USER, seconds(cpu.userNanos()));
    sheet.add(MetricName.CPU_SYSTEM, seconds(cpu.systemNanos()));
    sheet.add(MetricName.CPU_CFS_PERIODS, cpu.periods());
    sheet.add(MetricName.CPU_CFS_THROTTLED_PERIODS, cpu.throttledPeriods());
    sheet.add(MetricName.CPU_CFS_THROTTLED_SECONDS, seconds(cpu.throttledNanos()));
    pressure(
        sheet, cpu.pressure(), MetricName.PRESSURE_CPU_WAITING, MetricName.PRESSURE_CPU_STALLED);
  }

  private static void memory(Sheet sheet, CgroupStats.Memory memory) {
    sheet.add(MetricName.MEMORY_USAGE, memory.usageBytes());
    sheet.add(MetricName.MEMORY_MAX_USAGE, memory.peakBytes());
    sheet.add(MetricName.MEMORY_WORKING_SET, memory.workingSetBytes());
    sheet.add(MetricName.MEMORY_RSS, memory.rssBytes());
    sheet.add(MetricName.MEMORY_CACHE, memory.cacheBytes());
    sheet.add(MetricName.MEMORY_MAPPED_FILE, memory.mappedFileBytes());
    sheet.add(MetricName.MEMORY_KERNEL, memory.kernelBytes());
    sheet.add(MetricName.MEMORY_SWAP, memory.swapUsageBytes().orElse(0));
    sheet.add(MetricName.MEMORY_FAILCNT, memory.limitHits());
    // Counted over the whole tree below, which is what both scopes mean for a container.
    for (String scope : new String[] {"container", "hierarchy"}) {
      sheet.add(MetricName.MEMORY_FAILURES, memory.pageFaults(), "pgfault", scope);
      sheet.add(MetricName.MEMORY_FAILURES, memory.majorPageFaults(), "pgmajfault", scope);
    }
    sheet.add(MetricName.OOM_EVENTS, memory.oomKills());
    pressure(
        sheet,
        memory.pressure(),
        MetricName.PRESSURE_MEMORY_WAITING,
        MetricName.PRESSURE_MEMORY_STALLED);
  }

  private void disk(Sheet sheet, BlockDevice disk) {
    String device = device(disk.major(), disk.minor());
    String major = Long.toString(disk.major());
    String minor = Long.toString(disk.minor());
    sheet.add(MetricName.FS_READ_BYTES, disk.readBytes(), device);
    sheet.add(MetricName.FS_WRITE_BYTES, disk.writeBytes(), device);
    sheet.add(MetricName.FS_READS, disk.reads(), device);
    sheet.add(MetricName.FS_WRITES, disk.writes(), device);
    sheet.add(MetricName.BLKIO_DEVICE_USAGE, disk.readBytes(), device, major, minor, "Read");
    sheet.add(MetricName.BLKIO_DEVICE_USAGE, disk.writeBytes(), device, major, minor, "Write");
  }

  /** A device's path, or its number where the kernel does not tell its name. */
  String device(long major, long minor) {
    return devices.computeIfAbsent(
        major + ":" + minor,
        number -> {
          try {
            return host.blockDevice(major, minor).map(name -> "/dev/" + name).orElse(number);
          } catch (IOException unknown) {
            return number;
          }
        });
  }

  private static void pressure(
      Sheet sheet, Optional<Pressure> pressure, MetricName waiting, MetricName stalled) {
    if (pressure.isPresent()) {
      sheet.add(waiting, TimeUnit.MICROSECONDS.toSeconds(pressure.get().some().totalMicros()));
      sheet.add(stalled, TimeUnit.MICROSECONDS.toSeconds(pressure.get().full().totalMicros()));
    }
  }

  private static long seconds(long nanos) {
    return TimeUnit.NANOSECONDS.toSeconds(nanos);
  }
}
