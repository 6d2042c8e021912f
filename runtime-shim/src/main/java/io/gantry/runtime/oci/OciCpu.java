package io.gantry.runtime.oci;

import java.util.Optional;
import java.util.OptionalLong;

/**
 * CPU limits.
 *
 * @param shares relative weight, 2 to 262144; 1024 is one share
 * @param quotaMicros run time allowed per period; zero or less means no limit
 * @param periodMicros length of a period
 * @param burstMicros run time that may be saved up for later periods
 * @param idle 1 makes the cgroup run only when nothing else wants to
 * @param cpus list format of cpuset(7), such as 0-3,7
 * @param mems list format of cpuset(7)
 */
public record OciCpu(
    OptionalLong shares,
    OptionalLong quotaMicros,
    OptionalLong periodMicros,
    OptionalLong burstMicros,
    OptionalLong realtimeRuntimeMicros,
    OptionalLong realtimePeriodMicros,
    OptionalLong idle,
    Optional<String> cpus,
    Optional<String> mems) {

  public static final OciCpu NONE =
      new OciCpu(
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          OptionalLong.empty(),
          Optional.empty(),
          Optional.empty());

  public OciCpu withShares(long shares) {
    return new OciCpu(
        OptionalLong.of(shares),
        quotaMicros,
        periodMicros,
        burstMicros,
        realtimeRuntimeMicros,
        realtimePeriodMicros,
        idle,
        cpus,
        mems);
  }

  public OciCpu withQuota(long micros) {
    return new OciCpu(
        shares,
        OptionalLong.of(micros),
        periodMicros,
        burstMicros,
        realtimeRuntimeMicros,
        realtimePeriodMicros,
        idle,
        cpus,
        mems);
  }

  public OciCpu withPeriod(long micros) {
    return new OciCpu(
        shares,
        quotaMicros,
        OptionalLong.of(micros),
        burstMicros,
        realtimeRuntimeMicros,
        realtimePeriodMicros,
        idle,
        cpus,
        mems);
  }

  public OciCpu withCpus(String list) {
    return new OciCpu(
        shares,
        quotaMicros,
        periodMicros,
        burstMicros,
        realtimeRuntimeMicros,
        realtimePeriodMicros,
        idle,
        Optional.of(list),
        mems);
  }

  public OciCpu withMems(String list) {
    return new OciCpu(
        shares,
        quotaMicros,
        periodMicros,
        burstMicros,
        realtimeRuntimeMicros,
        realtimePeriodMicros,
        idle,
        cpus,
        Optional.of(list));
  }
}
