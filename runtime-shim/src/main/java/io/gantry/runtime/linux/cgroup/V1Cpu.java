package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciCpu;

/** The cpu controller, see the kernel's scheduler/sched-bwc document. */
final class V1Cpu {
  private V1Cpu() {}

  static boolean concerns(OciCpu cpu) {
    return cpu.shares().isPresent()
        || cpu.quotaMicros().isPresent()
        || cpu.periodMicros().isPresent()
        || cpu.burstMicros().isPresent()
        || cpu.realtimeRuntimeMicros().isPresent()
        || cpu.realtimePeriodMicros().isPresent()
        || cpu.idle().isPresent();
  }

  static void apply(ControlDirectory directory, OciCpu cpu) throws LinuxException {
    if (cpu.idle().isPresent()) {
      directory.write("cpu.idle", cpu.idle().getAsLong());
    }
    if (cpu.shares().orElse(0) != 0) {
      directory.write("cpu.shares", cpu.shares().getAsLong());
    }
    writeBandwidth(directory, cpu);
    if (cpu.realtimePeriodMicros().orElse(0) != 0) {
      directory.write("cpu.rt_period_us", cpu.realtimePeriodMicros().getAsLong());
    }
    if (cpu.realtimeRuntimeMicros().orElse(0) != 0) {
      directory.write("cpu.rt_runtime_us", cpu.realtimeRuntimeMicros().getAsLong());
    }
  }

  /**
   * Quota and period together may not exceed the parent's ratio at any moment, and burst may not
   * exceed quota, so a value the kernel refuses now may be right after its neighbour.
   */
  private static void writeBandwidth(ControlDirectory directory, OciCpu cpu) throws LinuxException {
    long period = cpu.periodMicros().orElse(0);
    long quota = cpu.quotaMicros().orElse(0);
    boolean periodLater = period != 0 && !tryWrite(directory, "cpu.cfs_period_us", period);
    boolean burstLater =
        cpu.burstMicros().isPresent()
            && !tryWrite(directory, "cpu.cfs_burst_us", cpu.burstMicros().getAsLong());
    if (quota != 0) {
      directory.write("cpu.cfs_quota_us", quota < 0 ? -1 : quota);
    }
    if (periodLater) {
      directory.write("cpu.cfs_period_us", period);
    }
    if (burstLater) {
      directory.write("cpu.cfs_burst_us", cpu.burstMicros().getAsLong());
    }
  }

  private static boolean tryWrite(ControlDirectory directory, String name, long value)
      throws LinuxException {
    try {
      directory.write(name, value);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EINVAL) {
        return false;
      }
      throw e;
    }
  }
}
