package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.proto.cri.v1.ContainerStats;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.ListContainerStatsRequest;
import io.gantry.proto.cri.v1.ListContainersRequest;
import io.gantry.proto.cri.v1.ListImagesRequest;
import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.ListPodSandboxStatsRequest;
import io.gantry.proto.cri.v1.PodSandboxStats;
import io.gantry.proto.cri.v1.StreamContainerStatsRequest;
import io.gantry.proto.cri.v1.StreamContainersRequest;
import io.gantry.proto.cri.v1.StreamImagesRequest;
import io.gantry.proto.cri.v1.StreamPodSandboxMetricsRequest;
import io.gantry.proto.cri.v1.StreamPodSandboxStatsRequest;
import io.gantry.proto.cri.v1.StreamPodSandboxesRequest;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Patience;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What pods and containers use, and what the daemon is doing, as crictl shows it. */
@Tag("root")
@Timeout(120)
class StatsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Path CGROUPS = Path.of("/sys/fs/cgroup");
  private static final long LIMIT_BYTES = 16 << 20;

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private TestPod pod;

  @BeforeEach
  void runPod() {
    pod = TestPod.run(node);
  }

  @AfterEach
  void removePod() {
    pod.close();
  }

  @Test
  void stats_ofABusyContainerTellItsLoad() {
    String busy = pod.run("busy", "sh", "-c", "while :; do :; done");

    JsonNode stats =
        Eventually.get(
            "a rate is known",
            PATIENCE,
            () -> stats(busy),
            found -> found.at("/cpu/usageNanoCores/value").asLong() > 0);
    // Another look, right after the one before: a busy container must not look idle.
    assertTrue(stats(busy).at("/cpu/usageNanoCores/value").asLong() > 10_000_000, stats::toString);
    assertTrue(stats.at("/cpu/usageCoreNanoSeconds/value").asLong() > 0, stats::toString);
    assertTrue(stats.at("/memory/workingSetBytes/value").asLong() > 0, stats::toString);
  }

  @Test
  void stats_tellWhatTheContainerHasWritten() {
    String writer = pod.run("writer", "sh", "-c", "head -c 3000000 /dev/zero > /big; sleep 1000");

    Eventually.get(
        "3 MB are found",
        PATIENCE,
        () -> stats(writer).at("/writableLayer/usedBytes/value").asLong(),
        bytes -> bytes >= 3_000_000);
    assertTrue(stats(writer).at("/writableLayer/inodesUsed/value").asLong() > 0);
  }

  private static JsonNode stats(String container) {
    return node.crictl().json("stats", "-o", "json", container).at("/stats/0");
  }

  @Test
  void statsp_tellThePodsNetworkProcessesAndContainers() {
    String first = pod.run("first", "sleep", "1000");
    String second = pod.run("second", "sh", "-c", "sleep 1000 & sleep 1000");

    JsonNode stats =
        Eventually.get(
            "three processes run",
            PATIENCE,
            () -> node.crictl().json("statsp", "-o", "json", "--id", pod.id()).at("/stats/0/linux"),
            found -> found.at("/process/processCount/value").asLong() >= 3);
    assertTrue(stats.at("/cpu/usageCoreNanoSeconds/value").asLong() > 0, stats::toString);
    assertTrue(stats.at("/memory/workingSetBytes/value").asLong() > 0, stats::toString);
    assertEquals("eth0", stats.at("/network/defaultInterface/name").asText(), stats::toString);
    assertTrue(stats.at("/network/defaultInterface").has("rxBytes"), stats::toString);
    List<String> containers = new ArrayList<>();
    stats.at("/containers").forEach(one -> containers.add(one.at("/attributes/id").asText()));
    assertEquals(List.of(first, second), containers);
  }

  @Test
  void stats_watchedGoOnUntilInterrupted() throws Exception {
    String container = pod.run("busy", "sh", "-c", "while :; do :; done");
    String id = container.substring(0, 13);
    Path output = node.directory().scratch().resolve("watched");
    Process watch =
        new ProcessBuilder(node.crictl().command("stats", "--watch").words())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      Eventually.holds(
          "a second table comes",
          PATIENCE,
          () -> assertTrue(Files.readString(output).split(id, -1).length > 2));
      new ProcessBuilder("kill", "-INT", Long.toString(watch.pid())).start().waitFor();
      assertTrue(watch.waitFor(Patience.seconds(20), TimeUnit.SECONDS), "it ends");
      assertEquals(0, watch.exitValue());
    } finally {
      watch.destroyForcibly();
    }
  }

  @Test
  void streamedLists_answerAsTheUnaryOnesDo() {
    pod.run("first", "sleep", "1000");
    pod.awaitExit(pod.run("second", "true"));
    var runtime = node.cri().runtime();

    List<Object> containers = new ArrayList<>();
    runtime
        .streamContainers(StreamContainersRequest.getDefaultInstance())
        .forEachRemaining(batch -> containers.addAll(batch.getContainersList()));
    assertEquals(
        runtime.listContainers(ListContainersRequest.getDefaultInstance()).getContainersList(),
        containers);
    List<Object> pods = new ArrayList<>();
    runtime
        .streamPodSandboxes(StreamPodSandboxesRequest.getDefaultInstance())
        .forEachRemaining(batch -> pods.addAll(batch.getPodSandboxesList()));
    assertEquals(
        runtime.listPodSandbox(ListPodSandboxRequest.getDefaultInstance()).getItemsList(), pods);
    List<Object> images = new ArrayList<>();
    var imageService = node.cri().images();
    imageService
        .streamImages(StreamImagesRequest.getDefaultInstance())
        .forEachRemaining(batch -> images.addAll(batch.getImagesList()));
    assertEquals(
        imageService.listImages(ListImagesRequest.getDefaultInstance()).getImagesList(), images);
  }

  /** What is measured differs from one moment to the next, so those are compared who are there. */
  @Test
  void streamedMeasurements_areOfWhomTheUnaryOnesAreOf() {
    pod.run("first", "sleep", "1000");
    pod.awaitExit(pod.run("second", "true"));
    var runtime = node.cri().runtime();

    List<Object> containers = new ArrayList<>();
    runtime
        .streamContainerStats(StreamContainerStatsRequest.getDefaultInstance())
        .forEachRemaining(
            batch ->
                batch.getContainerStatsList().forEach(one -> containers.add(one.getAttributes())));
    assertEquals(
        runtime
            .listContainerStats(ListContainerStatsRequest.getDefaultInstance())
            .getStatsList()
            .stream()
            .map(ContainerStats::getAttributes)
            .toList(),
        containers);
    List<Object> pods = new ArrayList<>();
    runtime
        .streamPodSandboxStats(StreamPodSandboxStatsRequest.getDefaultInstance())
        .forEachRemaining(
            batch -> batch.getPodSandboxStatsList().forEach(one -> pods.add(one.getAttributes())));
    assertEquals(
        runtime
            .listPodSandboxStats(ListPodSandboxStatsRequest.getDefaultInstance())
            .getStatsList()
            .stream()
            .map(PodSandboxStats::getAttributes)
            .toList(),
        pods);
    assertEquals(1, pods.size());
    List<Object> metrics = new ArrayList<>();
    runtime
        .streamPodSandboxMetrics(StreamPodSandboxMetricsRequest.getDefaultInstance())
        .forEachRemaining(
            batch ->
                batch
                    .getPodSandboxMetricsList()
                    .forEach(one -> metrics.add(one.getPodSandboxId())));
    assertEquals(List.of(pod.id()), metrics);
  }

  @Test
  void memoryKill_namesProcessLevelLimitAndPeak() {
    assumeTrue(TestNode.isGantry(), "the message is gantry's own");
    String container = hog();
    pod.start(container);

    ContainerStatus end = pod.awaitExit(container);
    assertEquals("OOMKilled", end.getReason(), end::toString);
    assertEquals(137, end.getExitCode());
    assertTrue(
        end.getMessage()
            .matches(
                "out of memory: the kernel killed process \\d+ \\(tail\\), because the container"
                    + " \\(cgroup .*"
                    + container
                    + "\\) met its limit of 16 MiB; most used at once: 16 MiB"),
        end::getMessage);
  }

  private String hog() {
    return pod.create(
        "hog",
        config -> {
          config.addAllCommand(List.of("tail", "/dev/zero"));
          config.setLinux(
              config.getLinux().toBuilder()
                  .setResources(
                      LinuxContainerResources.newBuilder()
                          .setMemoryLimitInBytes(LIMIT_BYTES)
                          .setMemorySwapLimitInBytes(LIMIT_BYTES)));
        });
  }

  @Test
  void memoryKill_byThePodsLimitSaysSo() throws IOException {
    assumeTrue(TestNode.isGantry(), "the message is gantry's own");
    String parent = node.directory().cgroupParent() + "/limited";
    pod.close();
    pod =
        TestPod.run(
            node, config -> config.setLinux(config.getLinux().toBuilder().setCgroupParent(parent)));
    try {
      String container = pod.create("hog", "tail", "/dev/zero");
      limit(parent);
      pod.start(container);

      ContainerStatus end = pod.awaitExit(container);
      assertEquals("OOMKilled", end.getReason(), end::toString);
      assertTrue(
          end.getMessage()
              .contains("because the pod (cgroup " + parent + ") met its limit of 16 MiB"),
          end::getMessage);
    } finally {
      pod.close();
      removeCgroup(parent);
      pod = TestPod.run(node);
    }
  }

  private static void limit(String cgroup) throws IOException {
    Path v1 = CGROUPS.resolve("memory" + cgroup).resolve("memory.limit_in_bytes");
    Path v2 = Path.of(CGROUPS + cgroup).resolve("memory.max");
    Files.writeString(Files.exists(v1) ? v1 : v2, Long.toString(LIMIT_BYTES));
  }

  /** What makes a pod's cgroup removes it; here that is the test. */
  private static void removeCgroup(String cgroup) throws IOException {
    Files.deleteIfExists(Path.of(CGROUPS + cgroup));
    try (DirectoryStream<Path> hierarchies = Files.newDirectoryStream(CGROUPS)) {
      for (Path hierarchy : hierarchies) {
        Files.deleteIfExists(Path.of(hierarchy + cgroup));
      }
    }
  }

  @Test
  void info_listsWhatTheDaemonIsDoing() {
    assumeTrue(TestNode.isGantry(), "operations in flight are gantry's own");
    String container = pod.run("app", "sleep", "1000");
    CompletableFuture<Void> exec =
        CompletableFuture.runAsync(
            () -> pod.exec(container, "sh", "-c", "while [ ! -e /go ]; do usleep 10000; done"));

    Eventually.holds(
        "the exec is listed",
        PATIENCE,
        () -> {
          JsonNode found = operation(node.crictl().json("info"), container);
          assertTrue(found.path("rpc").asText().endsWith("/ExecSync"), found::toString);
          assertTrue(found.path("ageMillis").asLong() >= 0, found::toString);
        });
    pod.execOutput(container, "touch", "/go");
    exec.join();
    Eventually.holds(
        "it is no longer listed",
        PATIENCE,
        () -> assertTrue(operation(node.crictl().json("info"), container).isMissingNode()));
  }

  private static JsonNode operation(JsonNode info, String subject) {
    for (JsonNode operation : info.at("/operations/inFlight")) {
      if (operation.path("subject").asText().equals(subject)) {
        return operation;
      }
    }
    return info.path("none");
  }
}
