package io.gantry.cri.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.gantry.proto.cri.v1.MetricDescriptor;
import io.gantry.proto.cri.v1.MetricType;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class MetricNameTest {
  /** What kubelets with cAdvisor expose (cri-tools, pkg/validate/pod.go). */
  private static final List<String> EXPECTED =
      List.of(
          "container_blkio_device_usage_total",
          "container_cpu_cfs_periods_total",
          "container_cpu_cfs_throttled_periods_total",
          "container_cpu_cfs_throttled_seconds_total",
          "container_cpu_system_seconds_total",
          "container_cpu_usage_seconds_total",
          "container_cpu_user_seconds_total",
          "container_file_descriptors",
          "container_fs_inodes_free",
          "container_fs_inodes_total",
          "container_fs_limit_bytes",
          "container_fs_reads_bytes_total",
          "container_fs_reads_total",
          "container_fs_usage_bytes",
          "container_fs_writes_bytes_total",
          "container_fs_writes_total",
          "container_hugetlb_max_usage_bytes",
          "container_hugetlb_usage_bytes",
          "container_last_seen",
          "container_memory_cache",
          "container_memory_failcnt",
          "container_memory_failures_total",
          "container_memory_kernel_usage",
          "container_memory_mapped_file",
          "container_memory_max_usage_bytes",
          "container_memory_rss",
          "container_memory_swap",
          "container_memory_usage_bytes",
          "container_memory_working_set_bytes",
          "container_network_receive_bytes_total",
          "container_network_receive_errors_total",
          "container_network_receive_packets_dropped_total",
          "container_network_receive_packets_total",
          "container_network_transmit_bytes_total",
          "container_network_transmit_errors_total",
          "container_network_transmit_packets_dropped_total",
          "container_network_transmit_packets_total",
          "container_oom_events_total",
          "container_pressure_cpu_stalled_seconds_total",
          "container_pressure_cpu_waiting_seconds_total",
          "container_pressure_io_stalled_seconds_total",
          "container_pressure_io_waiting_seconds_total",
          "container_pressure_memory_stalled_seconds_total",
          "container_pressure_memory_waiting_seconds_total",
          "container_processes",
          "container_sockets",
          "container_spec_cpu_period",
          "container_spec_cpu_quota",
          "container_spec_cpu_shares",
          "container_spec_memory_limit_bytes",
          "container_spec_memory_reservation_limit_bytes",
          "container_spec_memory_swap_limit_bytes",
          "container_start_time_seconds",
          "container_threads",
          "container_threads_max",
          "container_ulimits_soft");

  @Test
  void names_areThoseThatDashboardsAskFor() {
    assertEquals(
        EXPECTED,
        List.copyOf(
            new TreeSet<>(
                MetricsRpcs.descriptors().stream().map(MetricDescriptor::getName).toList())));
  }

  @Test
  void descriptors_haveHelpAndTheCommonLabelsFirst() {
    for (MetricDescriptor descriptor : MetricsRpcs.descriptors()) {
      assertFalse(descriptor.getHelp().isBlank(), descriptor.getName());
      assertEquals(MetricName.COMMON_KEYS, descriptor.getLabelKeysList().subList(0, 6));
    }
  }

  @Test
  void whatOnlyGrows_isACounter() {
    for (MetricName name : MetricName.values()) {
      boolean total = name.text().endsWith("_total") && name != MetricName.FS_INODES_TOTAL;
      boolean counter = total || name == MetricName.MEMORY_FAILCNT;
      assertEquals(counter ? MetricType.COUNTER : MetricType.GAUGE, name.type(), name.text());
    }
  }

  @Test
  void sheet_refusesLabelsThatTheDescriptorHasNot() {
    Sheet sheet = new Sheet(Collections.nCopies(6, "x"), Instant.EPOCH);
    assertThrows(IllegalArgumentException.class, () -> sheet.add(MetricName.CPU_USAGE, 1));
    assertThrows(IllegalArgumentException.class, () -> sheet.add(MetricName.LAST_SEEN, 1, "x"));
    sheet.add(MetricName.CPU_USAGE, 1, "total");
    assertEquals(7, sheet.metrics().get(0).getLabelValuesCount());
  }
}
