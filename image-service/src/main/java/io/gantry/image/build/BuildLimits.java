package io.gantry.image.build;

import java.util.Objects;

/** What each step may use; 0 and empty where nothing is said. */
public record BuildLimits(
    long memoryBytes,
    long memorySwapBytes,
    long cpuShares,
    long cpuQuota,
    long cpuPeriod,
    String cpusetCpus,
    String cpusetMems,
    long shmBytes,
    String ulimitsJson,
    String cgroupParent) {

  public static final BuildLimits NONE = new BuildLimits(0, 0, 0, 0, 0, "", "", 0, "", "");

  public BuildLimits {
    Objects.requireNonNull(cpusetCpus);
    Objects.requireNonNull(cpusetMems);
    Objects.requireNonNull(ulimitsJson);
    Objects.requireNonNull(cgroupParent);
  }
}
