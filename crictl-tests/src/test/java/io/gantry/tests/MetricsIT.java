package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The metrics that take cAdvisor's place, as crictl shows them: every one that is described is
 * there, with as many labels as its descriptor has.
 */
@Tag("root")
@Timeout(120)
class MetricsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  /** What a machine may lack: controllers, or a disk that counts. */
  private static boolean mayBeAbsent(String metric) {
    boolean version1 = !Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"));
    return metric.startsWith("container_hugetlb_")
        || metric.startsWith("container_blkio_")
        || metric.matches("container_fs_(reads|writes).*")
        || version1 && metric.startsWith("container_pressure_");
  }

  @Test
  void everyDescribedMetric_isThereWithItsLabels() {
    try (TestPod pod = TestPod.run(node)) {
      String container =
          pod.run(
              "app",
              config -> {
                config.addAllCommand(List.of("sleep", "1000"));
                config.setLinux(
                    config.getLinux().toBuilder()
                        .setResources(
                            LinuxContainerResources.newBuilder()
                                .setCpuPeriod(100_000)
                                .setCpuQuota(20_000)
                                .setCpuShares(1024)
                                .setMemoryLimitInBytes(64 << 20)
                                .setMemorySwapLimitInBytes(64 << 20)));
              });
      Map<String, Integer> described = new TreeMap<>();
      for (JsonNode descriptor : node.crictl().json("metricdescs").path("descriptors")) {
        described.put(descriptor.path("name").asText(), descriptor.path("labelKeys").size());
      }
      assertTrue(described.size() > 50, described::toString);

      Eventually.holds(
          "the writable layer was found, too",
          PATIENCE,
          () -> {
            Map<String, List<JsonNode>> measured = measured(pod.id(), container);
            described.forEach(
                (name, labels) -> {
                  List<JsonNode> values = measured.getOrDefault(name, List.of());
                  assertTrue(mayBeAbsent(name) || !values.isEmpty(), name + " is missing");
                  values.forEach(
                      value -> assertEquals(labels, value.path("labelValues").size(), name));
                });
          });
      Map<String, List<JsonNode>> measured = measured(pod.id(), container);
      assertEquals("67108864", value(measured, "container_spec_memory_limit_bytes"));
      assertEquals("20000", value(measured, "container_spec_cpu_quota"));
      assertEquals("1024", value(measured, "container_spec_cpu_shares"));
      assertEquals("1", value(measured, "container_processes"));
      List<String> labels = new ArrayList<>();
      measured
          .get("container_processes")
          .get(0)
          .path("labelValues")
          .forEach(label -> labels.add(label.asText()));
      assertEquals("app", labels.get(0));
      assertTrue(labels.get(1).endsWith(container), labels::toString);
      assertEquals(container, labels.get(3));
      assertEquals(pod.config().getMetadata().getNamespace(), labels.get(4));
      assertEquals(pod.config().getMetadata().getName(), labels.get(5));
    }
  }

  private static String value(Map<String, List<JsonNode>> measured, String name) {
    return measured.get(name).get(0).at("/value/value").asText();
  }

  /** A container's metrics by name, and what only its pod has. */
  private static Map<String, List<JsonNode>> measured(String pod, String container) {
    Map<String, List<JsonNode>> measured = new TreeMap<>();
    for (JsonNode one : node.crictl().json("metricsp").path("podMetrics")) {
      if (one.path("podSandboxId").asText().equals(pod)) {
        for (JsonNode inPod : one.path("containerMetrics")) {
          assertEquals(container, inPod.path("containerId").asText());
          inPod.path("metrics").forEach(metric -> add(measured, metric));
        }
        one.path("metrics").forEach(metric -> add(measured, metric));
      }
    }
    return measured;
  }

  private static void add(Map<String, List<JsonNode>> measured, JsonNode metric) {
    measured.computeIfAbsent(metric.path("name").asText(), name -> new ArrayList<>()).add(metric);
  }
}
