package io.gantry.cri.metrics;

import io.gantry.proto.cri.v1.MetricDescriptor;
import io.gantry.proto.cri.v1.MetricType;
import java.util.ArrayList;
import java.util.List;

/**
 * Every metric, by the name that cAdvisor gave it. Times are whole seconds, since the CRI has no
 * fractions.
 */
enum MetricName {
  BLKIO_DEVICE_USAGE(
      counter(),
      "container_blkio_device_usage_total",
      "Bytes moved to and from block devices",
      "device",
      "major",
      "minor",
      "operation"),
  CPU_CFS_PERIODS(
      counter(), "container_cpu_cfs_periods_total", "Periods in which the quota was enforced"),
  CPU_CFS_THROTTLED_PERIODS(
      counter(), "container_cpu_cfs_throttled_periods_total", "Periods in which it was throttled"),
  CPU_CFS_THROTTLED_SECONDS(
      counter(), "container_cpu_cfs_throttled_seconds_total", "Time for which it was throttled"),
  CPU_SYSTEM(counter(), "container_cpu_system_seconds_total", "Processor time spent in the kernel"),
  CPU_USAGE(counter(), "container_cpu_usage_seconds_total", "Processor time spent", "cpu"),
  CPU_USER(
      counter(), "container_cpu_user_seconds_total", "Processor time spent outside the kernel"),
  FILE_DESCRIPTORS(gauge(), "container_file_descriptors", "Open file descriptors"),
  FS_INODES_FREE(
      gauge(), "container_fs_inodes_free", "Free inodes of the layer's filesystem", "device"),
  FS_INODES_TOTAL(
      gauge(), "container_fs_inodes_total", "All inodes of the layer's filesystem", "device"),
  FS_LIMIT(
      gauge(), "container_fs_limit_bytes", "Size of the writable layer's filesystem", "device"),
  FS_READ_BYTES(counter(), "container_fs_reads_bytes_total", "Bytes read from a device", "device"),
  FS_READS(counter(), "container_fs_reads_total", "Reads from a device", "device"),
  FS_USAGE(gauge(), "container_fs_usage_bytes", "Bytes taken by the writable layer", "device"),
  FS_WRITE_BYTES(
      counter(), "container_fs_writes_bytes_total", "Bytes written to a device", "device"),
  FS_WRITES(counter(), "container_fs_writes_total", "Writes to a device", "device"),
  HUGETLB_MAX_USAGE(
      gauge(), "container_hugetlb_max_usage_bytes", "Most huge pages used at once", "pagesize"),
  HUGETLB_USAGE(gauge(), "container_hugetlb_usage_bytes", "Huge pages in use", "pagesize"),
  LAST_SEEN(gauge(), "container_last_seen", "When it was last measured, since the epoch"),
  MEMORY_CACHE(gauge(), "container_memory_cache", "Page cache in bytes"),
  MEMORY_FAILCNT(counter(), "container_memory_failcnt", "How often usage met the limit"),
  MEMORY_FAILURES(
      counter(), "container_memory_failures_total", "Page faults", "failure_type", "scope"),
  MEMORY_KERNEL(gauge(), "container_memory_kernel_usage", "The kernel's own memory in bytes"),
  MEMORY_MAPPED_FILE(gauge(), "container_memory_mapped_file", "Mapped files in bytes"),
  MEMORY_MAX_USAGE(
      gauge(), "container_memory_max_usage_bytes", "Most memory used at once, in bytes"),
  MEMORY_RSS(gauge(), "container_memory_rss", "Anonymous memory in bytes"),
  MEMORY_SWAP(gauge(), "container_memory_swap", "Swap in use, in bytes"),
  MEMORY_USAGE(gauge(), "container_memory_usage_bytes", "Memory in use, all kinds, in bytes"),
  MEMORY_WORKING_SET(
      gauge(), "container_memory_working_set_bytes", "Memory in use but idle cache, in bytes"),
  NETWORK_RECEIVE_BYTES(
      counter(), "container_network_receive_bytes_total", "Bytes received", "interface"),
  NETWORK_RECEIVE_ERRORS(
      counter(), "container_network_receive_errors_total", "Errors of receiving", "interface"),
  NETWORK_RECEIVE_DROPPED(
      counter(),
      "container_network_receive_packets_dropped_total",
      "Packets dropped when received",
      "interface"),
  NETWORK_RECEIVE_PACKETS(
      counter(), "container_network_receive_packets_total", "Packets received", "interface"),
  NETWORK_TRANSMIT_BYTES(
      counter(), "container_network_transmit_bytes_total", "Bytes sent", "interface"),
  NETWORK_TRANSMIT_ERRORS(
      counter(), "container_network_transmit_errors_total", "Errors of sending", "interface"),
  NETWORK_TRANSMIT_DROPPED(
      counter(),
      "container_network_transmit_packets_dropped_total",
      "Packets dropped when sent",
      "interface"),
  NETWORK_TRANSMIT_PACKETS(
      counter(), "container_network_transmit_packets_total", "Packets sent", "interface"),
  OOM_EVENTS(
      counter(), "container_oom_events_total", "Processes killed by the kernel for want of memory"),
  PRESSURE_CPU_STALLED(
      counter(),
      "container_pressure_cpu_stalled_seconds_total",
      "Time in which all tasks waited for a processor"),
  PRESSURE_CPU_WAITING(
      counter(),
      "container_pressure_cpu_waiting_seconds_total",
      "Time in which some task waited for a processor"),
  PRESSURE_IO_STALLED(
      counter(),
      "container_pressure_io_stalled_seconds_total",
      "Time in which all tasks waited for input or output"),
  PRESSURE_IO_WAITING(
      counter(),
      "container_pressure_io_waiting_seconds_total",
      "Time in which some task waited for input or output"),
  PRESSURE_MEMORY_STALLED(
      counter(),
      "container_pressure_memory_stalled_seconds_total",
      "Time in which all tasks waited for memory"),
  PRESSURE_MEMORY_WAITING(
      counter(),
      "container_pressure_memory_waiting_seconds_total",
      "Time in which some task waited for memory"),
  PROCESSES(gauge(), "container_processes", "Processes running"),
  SOCKETS(gauge(), "container_sockets", "Open sockets"),
  SPEC_CPU_PERIOD(gauge(), "container_spec_cpu_period", "Period of the quota in microseconds"),
  SPEC_CPU_QUOTA(gauge(), "container_spec_cpu_quota", "Processor time per period in microseconds"),
  SPEC_CPU_SHARES(gauge(), "container_spec_cpu_shares", "Weight against others"),
  SPEC_MEMORY_LIMIT(
      gauge(), "container_spec_memory_limit_bytes", "Limit of memory; 0 if there is none"),
  SPEC_MEMORY_RESERVATION(
      gauge(),
      "container_spec_memory_reservation_limit_bytes",
      "Memory that is kept for it; 0 if none is"),
  SPEC_MEMORY_SWAP_LIMIT(
      gauge(),
      "container_spec_memory_swap_limit_bytes",
      "Limit of memory and swap together; 0 if there is none"),
  START_TIME(gauge(), "container_start_time_seconds", "When it started, since the epoch"),
  THREADS(gauge(), "container_threads", "Threads running"),
  THREADS_MAX(gauge(), "container_threads_max", "Limit of threads; 0 if there is none"),
  ULIMITS_SOFT(gauge(), "container_ulimits_soft", "Soft limits of its first process", "ulimit");

  /** What every metric is labelled with, as kubelets' cAdvisor does. */
  static final List<String> COMMON_KEYS =
      List.of("container", "id", "image", "name", "namespace", "pod");

  private final MetricType type;
  private final String text;
  private final String help;
  private final List<String> ownKeys;

  MetricName(MetricType type, String text, String help, String... ownKeys) {
    this.type = type;
    this.text = text;
    this.help = help;
    this.ownKeys = List.of(ownKeys);
  }

  private static MetricType counter() {
    return MetricType.COUNTER;
  }

  private static MetricType gauge() {
    return MetricType.GAUGE;
  }

  /** As it is exposed. */
  String text() {
    return text;
  }

  MetricType type() {
    return type;
  }

  /** How many label values it has besides the common ones. */
  int ownKeys() {
    return ownKeys.size();
  }

  MetricDescriptor descriptor() {
    List<String> keys = new ArrayList<>(COMMON_KEYS);
    keys.addAll(ownKeys);
    return MetricDescriptor.newBuilder()
        .setName(text)
        .setHelp(help + ".")
        .addAllLabelKeys(keys)
        .build();
  }
}
