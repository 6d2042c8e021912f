package io.gantry.runtime.linux.cgroup;

/** Conversions from v1's scales to v2's. */
final class CpuWeight {
  private static final long MIN_SHARES = 2;
  private static final long MAX_SHARES = 262_144;

  private CpuWeight() {}

  /**
   * cpu.weight (1 to 10000) for cpu.shares (2 to 262144): a curve through both ends on which the
   * defaults 1024 and 100 meet, so that a container keeps its share against plain processes. The
   * linear mapping of early v2 runtimes gave it 39.
   */
  static long ofShares(long shares) {
    if (shares <= MIN_SHARES) {
      return 1;
    }
    if (shares >= MAX_SHARES) {
      return 10_000;
    }
    double log = Math.log(shares) / Math.log(2);
    double exponent = (log * log + 125 * log) / 612 - 7.0 / 34;
    // Rounding errors must not push an exact power of ten up to the next whole number.
    return (long) Math.ceil(Math.pow(10, exponent) - 1e-9);
  }

  /** io.weight (1 to 10000) for blkio.weight (10 to 1000). */
  static long ofBlkioWeight(long weight) {
    return 1 + (weight - 10) * 9999 / 990;
  }
}
