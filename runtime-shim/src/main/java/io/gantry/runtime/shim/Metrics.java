package io.gantry.runtime.shim;

import com.google.protobuf.Any;
import io.gantry.proto.cgroups.v2.CPUStat;
import io.gantry.proto.cgroups.v2.HugeTlbStat;
import io.gantry.proto.cgroups.v2.IOEntry;
import io.gantry.proto.cgroups.v2.IOStat;
import io.gantry.proto.cgroups.v2.MemoryEvents;
import io.gantry.proto.cgroups.v2.MemoryStat;
import io.gantry.proto.cgroups.v2.PSIData;
import io.gantry.proto.cgroups.v2.PSIStats;
import io.gantry.proto.cgroups.v2.PidsStat;
import io.gantry.runtime.linux.cgroup.CgroupStats;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.util.Optional;

/**
 * Puts what a cgroup has used into containerd's messages: those of cgroup v2 here, of v1 in {@link
 * MetricsV1}.
 */
final class Metrics {
  // The kernel's "max": containerd's readers take this number for "no limit".
  static final long UNLIMITED = -1L;

  private Metrics() {}

  static Any of(CgroupStats stats, Cgroups.Version version) {
    return switch (version) {
      case V1 -> EventPublisher.any("io.containerd.cgroups.v1.Metrics", MetricsV1.of(stats));
      case V2 -> EventPublisher.any("io.containerd.cgroups.v2.Metrics", v2(stats));
    };
  }

  private static io.gantry.proto.cgroups.v2.Metrics v2(CgroupStats stats) {
    io.gantry.proto.cgroups.v2.Metrics.Builder metrics =
        io.gantry.proto.cgroups.v2.Metrics.newBuilder();
    stats.cpu().ifPresent(cpu -> metrics.setCpu(cpu(cpu)));
    stats.memory().ifPresent(memory -> metrics.setMemory(memory(memory)));
    stats
        .memory()
        .ifPresent(
            memory ->
                metrics.setMemoryEvents(MemoryEvents.newBuilder().setOomKill(memory.oomKills())));
    stats
        .pids()
        .ifPresent(
            pids ->
                metrics.setPids(
                    PidsStat.newBuilder()
                        .setCurrent(pids.current())
                        .setLimit(pids.limit().orElse(UNLIMITED))));
    IOStat.Builder io = IOStat.newBuilder();
    for (CgroupStats.BlockDevice device : stats.blockDevices()) {
      io.addUsage(
          IOEntry.newBuilder()
              .setMajor(device.major())
              .setMinor(device.minor())
              .setRbytes(device.readBytes())
              .setWbytes(device.writeBytes())
              .setRios(device.reads())
              .setWios(device.writes()));
    }
    metrics.setIo(io);
    for (CgroupStats.Hugetlb pages : stats.hugetlb()) {
      metrics.addHugetlb(
          HugeTlbStat.newBuilder()
              .setPagesize(pages.pageSize())
              .setCurrent(pages.usageBytes())
              .setMax(pages.limitBytes().orElse(UNLIMITED))
              .setFailcnt(pages.failures()));
    }
    return metrics.build();
  }

  private static CPUStat cpu(CgroupStats.Cpu cpu) {
    CPUStat.Builder out =
        CPUStat.newBuilder()
            .setUsageUsec(cpu.usageNanos() / 1000)
            .setUserUsec(cpu.userNanos() / 1000)
            .setSystemUsec(cpu.systemNanos() / 1000)
            .setNrPeriods(cpu.periods())
            .setNrThrottled(cpu.throttledPeriods())
            .setThrottledUsec(cpu.throttledNanos() / 1000);
    pressure(cpu.pressure()).ifPresent(out::setPsi);
    return out.build();
  }

  private static MemoryStat memory(CgroupStats.Memory memory) {
    MemoryStat.Builder out =
        MemoryStat.newBuilder()
            .setAnon(memory.rssBytes())
            .setFile(memory.cacheBytes())
            .setFileMapped(memory.mappedFileBytes())
            .setInactiveAnon(memory.inactiveAnonBytes())
            .setActiveAnon(memory.activeAnonBytes())
            .setInactiveFile(memory.inactiveFileBytes())
            .setActiveFile(memory.activeFileBytes())
            .setPgfault(memory.pageFaults())
            .setPgmajfault(memory.majorPageFaults())
            .setUsage(memory.usageBytes())
            .setUsageLimit(memory.limitBytes().orElse(UNLIMITED))
            .setSwapUsage(memory.swapUsageBytes().orElse(0))
            .setSwapLimit(memory.swapLimitBytes().orElse(UNLIMITED))
            .setMaxUsage(memory.peakBytes().orElse(0));
    pressure(memory.pressure()).ifPresent(out::setPsi);
    return out.build();
  }

  private static Optional<PSIStats> pressure(Optional<CgroupStats.Pressure> pressure) {
    return pressure.map(
        p -> PSIStats.newBuilder().setSome(line(p.some())).setFull(line(p.full())).build());
  }

  private static PSIData line(CgroupStats.Line line) {
    return PSIData.newBuilder()
        .setAvg10(line.avg10())
        .setAvg60(line.avg60())
        .setAvg300(line.avg300())
        .setTotal(line.totalMicros())
        .build();
  }
}
