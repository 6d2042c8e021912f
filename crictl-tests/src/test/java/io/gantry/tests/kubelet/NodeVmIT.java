package io.gantry.tests.kubelet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * What a kubelet does for its node: logs, images, pressure, events; and what restarts leave alone.
 */
@Tag("root")
@Tag("vm")
class NodeVmIT {

  @Order(1)
  @RegisterExtension
  static final TestNode node = TestNode.withBusybox();

  @Order(2)
  @RegisterExtension
  static final Kubelet kubelet = Kubelet.on(node);

  private static final Duration SOON = Duration.ofSeconds(60);

  // The first rests on the second.
  private static final String EVENTS =
      "featureGates: {EventedPLEG: true, PLEGOnDemandRelist: true}\n";

  // Each test's pod has a name of its own: an equal file makes an equal pod, to which what is dead
  // of the earlier one belongs.
  private StaticPod pod;

  @AfterEach
  void remove() {
    if (pod != null) {
      pod.close();
    }
  }

  @Test
  void logs_areRotatedWhileTheContainerWritesOn() {
    kubelet.restart(
        """
        containerLogMaxSize: 64Ki
        containerLogMaxFiles: 3
        containerLogMonitorInterval: 3s
        """);
    pod =
        kubelet.run(
            "talkative",
            """
            terminationGracePeriodSeconds: 1
            containers:
            - name: talker
              image: %s
              command:
              - sh
              - -c
              - "i=0; while :; do i=$((i+1)); echo $i and so on and on and on and on; usleep 1000; done"
            """
                .formatted(node.busybox()));
    pod.awaitReady();

    Path logs =
        kubelet
            .logs()
            .resolve(StaticPod.NAMESPACE + "_" + pod.name() + "_" + pod.uid() + "/talker");
    // Three in all: two of them compressed or about to be, and the current one.
    List<Path> files =
        Eventually.get(
            "rotated twice",
            SOON,
            () -> list(logs),
            all ->
                all.size() == 3 && all.stream().anyMatch(file -> file.toString().endsWith(".gz")));
    Path current = logs.resolve("0.log");
    assertTrue(files.contains(current), files::toString);
    int last = Eventually.get("a line", SOON, () -> lastNumber(current), number -> number > 0);
    Eventually.get("it writes on", SOON, () -> lastNumber(current), number -> number > last);
  }

  private static int lastNumber(Path log) throws IOException {
    List<ContainerLog.Line> lines = ContainerLog.read(log).lines();
    return lines.isEmpty()
        ? 0
        : Integer.parseInt(lines.get(lines.size() - 1).text().replaceFirst(" .*", ""));
  }

  private static List<Path> list(Path directory) throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.sorted().toList();
    }
  }

  @Test
  void unusedImages_areRemovedWhenTheirDiskFills_usedOnesStay() {
    pod = kubelet.run("image-user", sleeper()).awaitReady();
    String unused = node.registry().open().reference("test/kinds:1");
    node.crictl().out("pull", unused);

    // Any disk is fuller than one percent.
    kubelet.restart(
        """
        imageMinimumGCAge: 1s
        imageGCHighThresholdPercent: 1
        imageGCLowThresholdPercent: 0
        """);

    Eventually.get(
        "the unused image is removed",
        // A kubelet looks at start, and spares what it sees for the first time; then each 5 min.
        Duration.ofMinutes(7),
        () -> node.crictl().out("images"),
        images -> !images.contains("test/kinds"));
    assertTrue(node.crictl().out("images").contains("test/busybox"));
    assertTrue(kubelet.log().contains("Disk usage on image filesystem is over the high threshold"));
  }

  // Evictions themselves cannot be seen without an API server: to a kubelet every pod from a file
  // is critical, and such are never evicted. What it reads of the runtime's disk, and what it
  // frees there, can.
  @Test
  void diskPressure_isSeenAndImagesAreFreed_beforeAnyPodIsTouched() {
    pod = kubelet.run("disk-user", sleeper()).awaitReady();
    String id = pod.containerId("sleeper");
    node.crictl().out("pull", node.registry().open().reference("test/kinds:1"));

    kubelet.restart(
        """
        imageMinimumGCAge: 1s
        evictionHard: {imagefs.available: 99%}
        """);

    Eventually.get(
        "the unused image is removed",
        SOON,
        () -> node.crictl().out("images"),
        images -> !images.contains("test/kinds"));
    Eventually.get(
        "pods are looked at next",
        SOON,
        kubelet::log,
        log -> log.contains("cannot evict a critical pod\" pod=\"tests/disk-user-node\""));
    assertTrue(kubelet.log().contains("attempting to reclaim\" resourceName=\"ephemeral-storage"));
    assertEquals(id, pod.containerId("sleeper"));
  }

  @Test
  void memoryPressure_isSeen() {
    pod = kubelet.run("memory-user", sleeper()).awaitReady();

    kubelet.restart("evictionHard: {memory.available: 99%}\n");

    Eventually.get(
        "memory is short",
        SOON,
        kubelet::log,
        log -> log.contains("must evict pod(s) to reclaim\" resourceName=\"memory\""));
    assertTrue(pod.isReady());
  }

  // By events here, by asking each second in all other tests. A kubelet that has lost the stream
  // five times, which it tries at once, goes on by asking alone: so a restart of the runtime ends
  // it.
  @Test
  void events_tellTheKubeletOfAnEnd() {
    kubelet.restart(EVENTS);
    Eventually.get("it listens", SOON, NodeVmIT::connections, count -> count >= 1);
    pod =
        kubelet.run(
            "eventful",
            """
            terminationGracePeriodSeconds: 1
            containers:
            - name: server
              image: %s
              command: [sh, -c, "until test -e /end; do sleep 0.1; done; exit 4"]
            """
                .formatted(node.busybox()));
    pod.awaitReady();
    final double before = latencies();

    pod.run("server", "touch", "/end");

    JsonNode again =
        pod.awaitContainer(
            "server", "was restarted", SOON, now -> now.at("/restartCount").asInt() == 1);
    assertEquals(4, again.at("/lastState/terminated/exitCode").asInt(), again::toString);
    assertTrue(latencies() > before);
    assertEquals(0, kubelet.api().metric("kubelet_evented_pleg_connection_error_count"));
  }

  private static double connections() {
    return kubelet.api().metric("kubelet_evented_pleg_connection_success_count");
  }

  private static double latencies() {
    return kubelet.api().metric("kubelet_evented_pleg_connection_latency_seconds_count");
  }

  @Test
  void restartedKubelet_findsItsPodsAgain() {
    kubelet.restart("");
    pod = kubelet.run("outlives-kubelet", sleeper()).awaitReady();
    final String id = pod.containerId("sleeper");
    final String address = pod.ip();

    kubelet.restart("");

    pod.awaitReady();
    assertEquals(id, pod.containerId("sleeper"));
    assertEquals(0, pod.container("sleeper").at("/restartCount").asInt());
    assertEquals(address, pod.ip());
  }

  @Test
  void restartedRuntime_losesNothingOfTheKubelets() {
    kubelet.restart("");
    pod = kubelet.run("outlives-runtime", sleeper()).awaitReady();
    String id = pod.containerId("sleeper");

    node.runtime().stop();
    node.startAgain();

    String answer =
        Eventually.get("exec", SOON, () -> pod.run("sleeper", "echo", "here"), any -> true);
    assertEquals("here\n", answer);
    pod.awaitReady();
    assertEquals(id, pod.containerId("sleeper"));
    assertEquals(0, pod.container("sleeper").at("/restartCount").asInt());
    // And the pod still ends as any other.
    pod.close();
  }

  @Test
  void killedRuntime_isFoundAgainWithWhatEndedMeanwhile() {
    kubelet.restart("");
    pod =
        kubelet
            .run(
                "ending",
                """
            terminationGracePeriodSeconds: 1
            containers:
            - name: sleeper
              image: %s
              command: [sh, -c, "until test -e /end; do sleep 0.1; done; exit 6"]
            """
                    .formatted(node.busybox()))
            .awaitReady();
    pod.run("sleeper", "touch", "/tmp/unrelated");
    long process =
        node.crictl().json("inspect", pod.containerId("sleeper")).at("/info/pid").asLong();

    node.runtime().kill();
    try {
      Files.createFile(Path.of("/proc/" + process + "/root/end"));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    Eventually.get(
        "it has ended", SOON, () -> Files.exists(Path.of("/proc/" + process)), there -> !there);
    node.startAgain();

    JsonNode again =
        pod.awaitContainer(
            "sleeper", "was restarted", SOON, now -> now.at("/restartCount").asInt() == 1);
    assertEquals(6, again.at("/lastState/terminated/exitCode").asInt(), again::toString);
  }

  private static String sleeper() {
    return """
    terminationGracePeriodSeconds: 1
    containers:
    - name: sleeper
      image: %s
      command: [sleep, "100000"]
    """
        .formatted(node.busybox());
  }
}
