package io.gantry.tests.bench;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Durations by contender and step. Thread-safe. */
final class Timings {

  private record Key(String contender, Step step) {}

  private final Map<Key, List<Long>> nanos = new HashMap<>();

  synchronized void add(String contender, Step step, long durationNanos) {
    nanos.computeIfAbsent(new Key(contender, step), key -> new ArrayList<>()).add(durationNanos);
  }

  /**
   * The duration, in milliseconds, that this share of the samples does not exceed.
   *
   * @param share such as 0.5 for the median
   */
  synchronized double quantileMillis(String contender, Step step, double share) {
    List<Long> sorted = nanos.getOrDefault(new Key(contender, step), List.of());
    if (sorted.isEmpty()) {
      return Double.NaN;
    }
    long[] values = sorted.stream().mapToLong(Long::longValue).sorted().toArray();
    int index = (int) Math.ceil(share * values.length) - 1;
    return values[Math.max(0, index)] / 1e6;
  }
}
