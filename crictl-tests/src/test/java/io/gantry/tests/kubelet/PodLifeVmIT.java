package io.gantry.tests.kubelet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The whole life of one pod under a kubelet: pulled, set up, probed, limited, served, removed. */
@Tag("root")
@Tag("vm")
class PodLifeVmIT {

  @Order(1)
  @RegisterExtension
  static final TestNode node = TestNode.empty();

  @Order(2)
  @RegisterExtension
  static final Kubelet kubelet = Kubelet.on(node);

  private static final Duration UP = Duration.ofSeconds(60);

  @Test
  void webServer_isPulledSetUpProbedLimitedServedAndRemoved() throws IOException {
    StaticPod pod =
        kubelet.run(
            "web",
            """
            terminationGracePeriodSeconds: 1
            initContainers:
            - name: page
              image: %1$s
              command: [sh, -c, "echo served by a pod >/pages/index.html; echo page made"]
              resources:  # A kubelet limits a pod where all of its containers have limits.
                limits: {cpu: 500m, memory: 64Mi}
              volumeMounts:
              - {name: pages, mountPath: /pages}
            containers:
            - name: server
              image: %1$s
              command: [httpd, -f, -p, "80", -h, /pages]
              ports:
              - containerPort: 80
              resources:
                requests: {cpu: 100m, memory: 32Mi}
                limits: {cpu: 500m, memory: 64Mi}
              livenessProbe:
                exec: {command: [test, -e, /pages/index.html]}
                periodSeconds: 5
                timeoutSeconds: 60  # an emulated processor takes its time
              readinessProbe:
                httpGet: {path: /index.html, port: 80}
                periodSeconds: 1
                timeoutSeconds: 60
              volumeMounts:
              - {name: pages, mountPath: /pages}
              - {name: memory, mountPath: /memory}
            volumes:
            - name: pages
              emptyDir: {}
            - name: memory
              emptyDir: {medium: Memory, sizeLimit: 16Mi}
            """
                .formatted(node.busybox()));

    pod.awaitReady();

    JsonNode init = pod.container("page");
    assertEquals("Completed", init.at("/state/terminated/reason").asText(), init::toString);
    assertEquals("page made\n", pod.logs("page", ""));
    assertEquals("served by a pod\n", get("http://" + pod.ip() + "/index.html"));
    assertMountsOf(pod);
    final Path cgroup = cgroupOf(pod);
    if (Files.exists(Path.of("/sys/fs/cgroup/cgroup.controllers"))) {
      assertLimitsOf(pod, cgroup);
    }
    assertProbesRun();

    Path volumes = kubelet.root().resolve("pods").resolve(pod.uid()).resolve("volumes");
    assertTrue(Files.exists(volumes.resolve("kubernetes.io~empty-dir/pages/index.html")));
    pod.close();

    Eventually.get(
        "the pod's cgroup is removed",
        UP,
        () -> Files.exists(cgroup.getParent()),
        exists -> !exists);
    Eventually.get(
        "the pod's volumes are removed", UP, () -> Files.exists(volumes), exists -> !exists);
    Eventually.get(
        "the runtime has nothing of the pod",
        Duration.ofSeconds(90), // A kubelet looks for the dead once in a minute.
        () -> node.crictl().out("ps", "-aq") + node.crictl().out("pods", "-q"),
        String::isEmpty);
  }

  private static void assertMountsOf(StaticPod pod) {
    String mounts = pod.run("server", "cat", "/proc/mounts");
    String memory =
        mounts.lines().filter(line -> line.contains(" /memory ")).findFirst().orElseThrow();
    assertTrue(memory.startsWith("tmpfs "), mounts);
    assertTrue(memory.contains("size=16384k"), memory);
    String pages =
        mounts.lines().filter(line -> line.contains(" /pages ")).findFirst().orElseThrow();
    assertFalse(pages.startsWith("tmpfs "), pages);
  }

  private static void assertLimitsOf(StaticPod pod, Path container) throws IOException {
    assertEquals("50000 100000", Files.readString(container.resolve("cpu.max")).strip());
    assertEquals("67108864", Files.readString(container.resolve("memory.max")).strip());
    // The pod's limits are those of its containers together; the kubelet sets them.
    assertEquals("67108864", Files.readString(container.getParent().resolve("memory.max")).strip());
    assertEquals(kubelet.cgroups().burstable(pod.uid()), container.getParent());
    assertEquals("Burstable", pod.object().at("/status/qosClass").asText());
  }

  /** The cgroup of the server, by its process's own word; that of memory where there are many. */
  private static Path cgroupOf(StaticPod pod) throws IOException {
    JsonNode info = node.crictl().json("inspect", pod.containerId("server"));
    Path process = Path.of("/proc", info.at("/info/pid").asText(), "cgroup");
    Map<String, String> paths =
        Files.readAllLines(process).stream()
            .map(line -> line.split(":", 3))
            .collect(Collectors.toMap(parts -> parts[1], parts -> parts[2]));
    return paths.containsKey("memory")
        ? Path.of("/sys/fs/cgroup/memory" + paths.get("memory"))
        : Path.of("/sys/fs/cgroup" + paths.get(""));
  }

  private static void assertProbesRun() {
    Eventually.get(
        "the liveness probe, by exec, succeeds",
        UP,
        () -> probes("Liveness", "successful"),
        count -> count > 0);
    assertEquals(0, probes("Liveness", "failed"));
    assertTrue(probes("Readiness", "successful") > 0);
  }

  private static long probes(String type, String result) {
    return (long)
        kubelet
            .api()
            .get("/metrics/probes")
            .lines()
            .filter(line -> line.startsWith("prober_probe_total{"))
            .filter(line -> line.contains("probe_type=\"" + type + "\""))
            .filter(line -> line.contains("result=\"" + result + "\""))
            .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
            .sum();
  }

  private static String get(String url) throws IOException {
    try (var stream = URI.create(url).toURL().openStream()) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
