package io.gantry.runtime.shim;

import io.gantry.proto.cgroups.v1.BlkIOEntry;
import io.gantry.proto.cgroups.v1.BlkIOStat;
import io.gantry.proto.cgroups.v1.CPUStat;
import io.gantry.proto.cgroups.v1.CPUUsage;
import io.gantry.proto.cgroups.v1.HugetlbStat;
import io.gantry.proto.cgroups.v1.MemoryEntry;
import io.gantry.proto.cgroups.v1.MemoryOomControl;
import io.gantry.proto.cgroups.v1.MemoryStat;
import io.gantry.proto.cgroups.v1.Metrics;
import io.gantry.proto.cgroups.v1.PidsStat;
import io.gantry.proto.cgroups.v1.Throttle;
import io.gantry.runtime.linux.cgroup.CgroupStats;

/** Puts what a cgroup has used into containerd's message for cgroup v1. */
final class MetricsV1 {
  private static final long UNLIMITED = io.gantry.runtime.shim.Metrics.UNLIMITED;

  private MetricsV1() {}

  static Metrics of(CgroupStats stats) {
    Metrics.Builder metrics = Metrics.newBuilder();
    stats.cpu().ifPresent(cpu -> metrics.setCpu(cpu(cpu)));
    stats.memory().ifPresent(memory -> metrics.setMemory(memory(memory)));
    stats
        .memory()
        .ifPresent(
            memory ->
                metrics.setMemoryOomControl(
                    MemoryOomControl.newBuilder().setOomKill(memory.oomKills())));
    // Version 1 has 0 for "no limit" of pids, unlike every other limit.
    stats
        .pids()
        .ifPresent(
            pids ->
                metrics.setPids(
                    PidsStat.newBuilder()
                        .setCurrent(pids.current())
                        .setLimit(pids.limit().orElse(0))));
    metrics.setBlkio(blockIo(stats));
    for (CgroupStats.Hugetlb pages : stats.hugetlb()) {
      metrics.addHugetlb(
          HugetlbStat.newBuilder()
              .setPagesize(pages.pageSize())
              .setUsage(pages.usageBytes())
              .setMax(pages.limitBytes().orElse(UNLIMITED))
              .setFailcnt(pages.failures()));
    }
    return metrics.build();
  }

  private static CPUStat cpu(CgroupStats.Cpu cpu) {
    return CPUStat.newBuilder()
        .setUsage(
            CPUUsage.newBuilder()
                .setTotal(cpu.usageNanos())
                .setUser(cpu.userNanos())
                .setKernel(cpu.systemNanos()))
        .setThrottling(
            Throttle.newBuilder()
                .setPeriods(cpu.periods())
                .setThrottledPeriods(cpu.throttledPeriods())
                .setThrottledTime(cpu.throttledNanos()))
        .build();
  }

  private static MemoryStat memory(CgroupStats.Memory memory) {
    MemoryEntry usage =
        MemoryEntry.newBuilder()
            .setUsage(memory.usageBytes())
            .setLimit(memory.limitBytes().orElse(UNLIMITED))
            .setMax(memory.peakBytes().orElse(0))
            .build();
    MemoryStat.Builder out =
        MemoryStat.newBuilder()
            .setUsage(usage)
            .setCache(memory.cacheBytes())
            .setTotalCache(memory.cacheBytes())
            .setRss(memory.rssBytes())
            .setTotalRss(memory.rssBytes())
            .setMappedFile(memory.mappedFileBytes())
            .setTotalMappedFile(memory.mappedFileBytes())
            .setPgFault(memory.pageFaults())
            .setTotalPgFault(memory.pageFaults())
            .setPgMajFault(memory.majorPageFaults())
            .setTotalPgMajFault(memory.majorPageFaults())
            .setInactiveAnon(memory.inactiveAnonBytes())
            .setTotalInactiveAnon(memory.inactiveAnonBytes())
            .setActiveAnon(memory.activeAnonBytes())
            .setTotalActiveAnon(memory.activeAnonBytes())
            .setInactiveFile(memory.inactiveFileBytes())
            .setTotalInactiveFile(memory.inactiveFileBytes())
            .setActiveFile(memory.activeFileBytes())
            .setTotalActiveFile(memory.activeFileBytes());
    if (memory.swapUsageBytes().isPresent()) {
      // "memsw" of version 1 counts memory and swap together.
      long both = memory.usageBytes() + memory.swapUsageBytes().getAsLong();
      out.setSwap(
          MemoryEntry.newBuilder()
              .setUsage(both)
              .setLimit(memory.swapLimitBytes().orElse(UNLIMITED)));
    }
    return out.build();
  }

  private static BlkIOStat blockIo(CgroupStats stats) {
    BlkIOStat.Builder out = BlkIOStat.newBuilder();
    for (CgroupStats.BlockDevice device : stats.blockDevices()) {
      out.addIoServiceBytesRecursive(entry(device, "Read", device.readBytes()));
      out.addIoServiceBytesRecursive(entry(device, "Write", device.writeBytes()));
      out.addIoServicedRecursive(entry(device, "Read", device.reads()));
      out.addIoServicedRecursive(entry(device, "Write", device.writes()));
    }
    return out.build();
  }

  private static BlkIOEntry.Builder entry(
      CgroupStats.BlockDevice device, String operation, long value) {
    return BlkIOEntry.newBuilder()
        .setOp(operation)
        .setMajor(device.major())
        .setMinor(device.minor())
        .setValue(value);
  }
}
