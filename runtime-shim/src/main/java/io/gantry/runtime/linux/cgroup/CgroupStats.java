package io.gantry.runtime.linux.cgroup;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** What a cgroup has used. A part is absent where its controller is not there. */
public record CgroupStats(
    Optional<Cpu> cpu,
    Optional<Memory> memory,
    Optional<Pids> pids,
    List<BlockDevice> blockDevices,
    List<Hugetlb> hugetlb,
    Optional<Pressure> ioPressure) {

  public CgroupStats {
    blockDevices = List.copyOf(blockDevices);
    hugetlb = List.copyOf(hugetlb);
  }

  /** Times in nanoseconds since the cgroup was made. */
  public record Cpu(
      long usageNanos,
      long userNanos,
      long systemNanos,
      long periods,
      long throttledPeriods,
      long throttledNanos,
      Optional<Pressure> pressure) {}

  /**
   * Memory in bytes.
   *
   * @param limitBytes absent when unlimited
   * @param workingSetBytes usage without inactive page cache, as the kubelet counts it
   * @param swapUsageBytes swap alone; absent where the kernel does not account it
   * @param rssBytes anonymous memory
   * @param kernelBytes the kernel's own memory, part of the usage; absent where it is not told
   * @param limitHits how often usage met the limit, whether or not anything could be freed then
   */
  public record Memory(
      long usageBytes,
      OptionalLong limitBytes,
      OptionalLong peakBytes,
      long workingSetBytes,
      long rssBytes,
      long cacheBytes,
      long mappedFileBytes,
      OptionalLong swapUsageBytes,
      OptionalLong swapLimitBytes,
      long pageFaults,
      long majorPageFaults,
      long inactiveFileBytes,
      long activeFileBytes,
      long inactiveAnonBytes,
      long activeAnonBytes,
      OptionalLong kernelBytes,
      long limitHits,
      long oomKills,
      Optional<Pressure> pressure) {}

  /** Tasks, threads counted each. */
  public record Pids(long current, OptionalLong limit) {}

  /** Bytes and operations of one disk. */
  public record BlockDevice(
      long major, long minor, long readBytes, long writeBytes, long reads, long writes) {}

  /**
   * Huge pages of one size, such as 2MB.
   *
   * @param peakBytes absent on v2, which does not keep it
   */
  public record Hugetlb(
      String pageSize,
      long usageBytes,
      OptionalLong limitBytes,
      OptionalLong peakBytes,
      long failures) {}

  /** Pressure stall information; see the kernel's accounting/psi document. */
  public record Pressure(Line some, Line full) {}

  /** Shares of time in percent over three windows, and the total in microseconds. */
  public record Line(double avg10, double avg60, double avg300, long totalMicros) {}
}
