package io.gantry.cri.metrics;

import io.gantry.proto.cri.v1.Metric;
import io.gantry.proto.cri.v1.UInt64Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** The metrics of one pod or container, as they are filled in. Confined to one thread. */
final class Sheet {
  private final List<String> labels;
  private final long timestamp;
  private final List<Metric> metrics = new ArrayList<>();

  /**
   * @param labels the values of {@link MetricName#COMMON_KEYS}
   */
  Sheet(List<String> labels, Instant at) {
    if (labels.size() != MetricName.COMMON_KEYS.size()) {
      throw new IllegalArgumentException("labels " + labels);
    }
    this.labels = List.copyOf(labels);
    this.timestamp = at.getEpochSecond() * 1_000_000_000L + at.getNano();
  }

  /**
   * @param value what is below 0 is nothing
   * @param ownLabels as many as the metric has keys of its own
   */
  void add(MetricName name, long value, String... ownLabels) {
    if (ownLabels.length != name.ownKeys()) {
      throw new IllegalArgumentException(name + " takes " + name.ownKeys() + " labels of its own");
    }
    metrics.add(
        Metric.newBuilder()
            .setName(name.text())
            .setTimestamp(timestamp)
            .setMetricType(name.type())
            .addAllLabelValues(labels)
            .addAllLabelValues(List.of(ownLabels))
            .setValue(UInt64Value.newBuilder().setValue(Math.max(0, value)))
            .build());
  }

  /** What is absent is left out: 0 would be a claim. */
  void add(MetricName name, OptionalLong value, String... ownLabels) {
    if (value.isPresent()) {
      add(name, value.getAsLong(), ownLabels);
    }
  }

  List<Metric> metrics() {
    return metrics;
  }
}
