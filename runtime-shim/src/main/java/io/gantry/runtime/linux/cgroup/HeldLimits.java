package io.gantry.runtime.linux.cgroup;

import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * The limits that hold in one cgroup, read back from its files. What is absent is unlimited, at the
 * kernel's default, or unknown to this hierarchy.
 *
 * @param cpuWeight v2: 1 to 10000, or 0 for a cgroup that is idle by {@code cpu.idle}
 * @param cpuShares v1: 2 to 262144
 * @param quotaMicros absent when unlimited
 * @param memoryMin v2, like the others but {@code memoryMax}
 * @param swapMax v2: swap alone
 * @param pidsMax tasks
 * @param cpus v2: list format of cpuset(7); empty for all
 * @param mems as {@code cpus}
 * @param ioWeight v2: 1 to 10000; v1: 10 to 1000
 * @param others v2: by file, what a service manager may reset without having a setting for it
 */
public record HeldLimits(
    OptionalLong cpuWeight,
    OptionalLong cpuShares,
    OptionalLong quotaMicros,
    OptionalLong periodMicros,
    OptionalLong memoryMin,
    OptionalLong memoryLow,
    OptionalLong memoryHigh,
    OptionalLong memoryMax,
    OptionalLong swapMax,
    OptionalLong pidsMax,
    String cpus,
    String mems,
    OptionalLong ioWeight,
    List<DiskRates> diskRates,
    Map<String, String> others) {

  public HeldLimits {
    diskRates = List.copyOf(diskRates);
    others = Map.copyOf(others);
  }

  /** Highest rates of one disk, per second; absent when unlimited. */
  public record DiskRates(
      long major,
      long minor,
      OptionalLong readBytes,
      OptionalLong writeBytes,
      OptionalLong reads,
      OptionalLong writes) {}
}
