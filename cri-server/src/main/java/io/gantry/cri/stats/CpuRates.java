package io.gantry.cri.stats;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/** How busy containers are, from one look to the next. Thread-safe. */
public final class CpuRates {
  /** Closer looks measure little but noise; they get the last rate again. */
  private static final Duration SHORTEST = Duration.ofMillis(100);

  private final Map<String, Sample> last = new ConcurrentHashMap<>();

  private record Sample(Instant at, long cpuNanos, OptionalLong rate) {}

  /**
   * Billionths of one processor used since the last look.
   *
   * @param since when the container started: the first look measures from there
   */
  OptionalLong nanoCores(String containerId, Instant since, Instant now, long cpuNanos) {
    return last.compute(
            containerId,
            (id, before) -> {
              Sample from = before == null ? new Sample(since, 0, OptionalLong.empty()) : before;
              Duration passed = Duration.between(from.at, now);
              if (passed.compareTo(SHORTEST) < 0) {
                return from;
              }
              long used = Math.max(0, cpuNanos - from.cpuNanos);
              double rate = used * 1e9 / passed.toNanos();
              return new Sample(now, cpuNanos, OptionalLong.of(Math.round(rate)));
            })
        .rate;
  }

  /** Forgets a container that is gone. */
  void forget(String containerId) {
    last.remove(containerId);
  }
}
