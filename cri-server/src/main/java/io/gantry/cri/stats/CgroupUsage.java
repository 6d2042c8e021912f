package io.gantry.cri.stats;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import io.gantry.proto.cgroups.v1.MemoryStat;
import io.gantry.proto.cgroups.v1.Metrics;
import io.gantry.proto.cgroups.v2.PSIData;
import io.gantry.proto.cgroups.v2.PSIStats;
import io.gantry.proto.cri.v1.PsiData;
import io.gantry.proto.cri.v1.PsiStats;
import java.io.IOException;
import java.util.Optional;

/**
 * What a container's cgroup tells, in one form for v1 and v2.
 *
 * @param cpuNanos processor time since the container was made
 * @param memoryLimitBytes unsigned; very large where there is no limit
 * @param cpuPressure where the kernel keeps it
 */
record CgroupUsage(
    long cpuNanos,
    long memoryBytes,
    long memoryLimitBytes,
    long inactiveFileBytes,
    long rssBytes,
    long pageFaults,
    long majorPageFaults,
    long swapBytes,
    long swapLimitBytes,
    Optional<PsiStats> cpuPressure,
    Optional<PsiStats> memoryPressure,
    Optional<PsiStats> ioPressure) {

  private static final String V1 = "io.containerd.cgroups.v1.Metrics";
  private static final String V2 = "io.containerd.cgroups.v2.Metrics";

  /**
   * Reads a shim's answer.
   *
   * @throws IOException if it is neither of the two messages that shims send
   */
  static CgroupUsage of(Any metrics) throws IOException {
    try {
      String type = metrics.getTypeUrl().substring(metrics.getTypeUrl().lastIndexOf('/') + 1);
      return switch (type) {
        case V1 -> of(Metrics.parseFrom(metrics.getValue()));
        case V2 -> of(io.gantry.proto.cgroups.v2.Metrics.parseFrom(metrics.getValue()));
        default -> throw new IOException("a shim sent statistics of unknown type " + type);
      };
    } catch (InvalidProtocolBufferException e) {
      throw new IOException("a shim sent malformed statistics: " + e.getMessage(), e);
    }
  }

  private static CgroupUsage of(Metrics metrics) {
    MemoryStat memory = metrics.getMemory();
    long used = memory.getUsage().getUsage();
    long limit = memory.getUsage().getLimit();
    // On v1 the swap files count memory and swap together, see the kernel's cgroup-v1 memory
    // document.
    long swapUsed = Math.max(0, memory.getSwap().getUsage() - used);
    return new CgroupUsage(
        metrics.getCpu().getUsage().getTotal(),
        used,
        limit,
        memory.getTotalInactiveFile(),
        memory.getTotalRss(),
        memory.getTotalPgFault(),
        memory.getTotalPgMajFault(),
        memory.hasSwap() ? swapUsed : 0,
        memory.hasSwap() ? memory.getSwap().getLimit() - limit : 0,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private static CgroupUsage of(io.gantry.proto.cgroups.v2.Metrics metrics) {
    io.gantry.proto.cgroups.v2.MemoryStat memory = metrics.getMemory();
    return new CgroupUsage(
        metrics.getCpu().getUsageUsec() * 1000,
        memory.getUsage(),
        memory.getUsageLimit(),
        memory.getInactiveFile(),
        memory.getAnon(),
        memory.getPgfault(),
        memory.getPgmajfault(),
        memory.getSwapUsage(),
        memory.getSwapLimit(),
        pressure(metrics.getCpu().hasPsi(), metrics.getCpu().getPsi()),
        pressure(memory.hasPsi(), memory.getPsi()),
        pressure(metrics.getIo().hasPsi(), metrics.getIo().getPsi()));
  }

  private static Optional<PsiStats> pressure(boolean present, PSIStats psi) {
    if (!present) {
      return Optional.empty();
    }
    return Optional.of(
        PsiStats.newBuilder().setSome(line(psi.getSome())).setFull(line(psi.getFull())).build());
  }

  private static PsiData line(PSIData psi) {
    return PsiData.newBuilder()
        .setTotal(psi.getTotal())
        .setAvg10(psi.getAvg10())
        .setAvg60(psi.getAvg60())
        .setAvg300(psi.getAvg300())
        .build();
  }

  /**
   * What would be lost by taking memory away: all but the file pages that nobody has used lately.
   */
  long workingSetBytes() {
    return Math.max(0, memoryBytes - inactiveFileBytes);
  }

  /** What is left of the limit, if there is one; limits near the largest number are no limits. */
  Optional<Long> availableBytes() {
    return limited(memoryLimitBytes)
        ? Optional.of(Math.max(0, memoryLimitBytes - workingSetBytes()))
        : Optional.empty();
  }

  Optional<Long> swapAvailableBytes() {
    return limited(swapLimitBytes)
        ? Optional.of(Math.max(0, swapLimitBytes - swapBytes))
        : Optional.empty();
  }

  /**
   * Without a limit v1 shows the largest multiple of a page, and v2 "max", which shims send as all
   * ones.
   */
  private static boolean limited(long bytes) {
    return bytes >= 0 && bytes < Long.MAX_VALUE - (1 << 20);
  }
}
