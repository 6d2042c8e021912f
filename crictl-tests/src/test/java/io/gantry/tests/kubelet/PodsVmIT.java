package io.gantry.tests.kubelet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.tests.node.TestNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What pods may ask for, and how they end, under a kubelet. */
@Tag("root")
@Tag("vm")
class PodsVmIT {

  @Order(1)
  @RegisterExtension
  static final TestNode node = TestNode.withBusybox();

  @Order(2)
  @RegisterExtension
  static final Kubelet kubelet = Kubelet.on(node);

  private static final Duration SOON = Duration.ofSeconds(60);

  private StaticPod pod;

  @AfterEach
  void remove() {
    if (pod != null) {
      pod.close();
    }
  }

  // In place of a projected volume: without an API server a kubelet sets none up, not even one of
  // sources that need no server ("kube client is not configured"). It writes this one alike.
  @Test
  void downwardVolume_hostPath_andEnvironment_tellOfThePodAndTheNode() throws IOException {
    Path directory = Files.createDirectories(node.directory().scratch().resolve("config"));
    Files.writeString(directory.resolve("settings"), "colour=blue\n");
    pod =
        kubelet.run(
            "told",
            "labels: {app: told}\nannotations: {note: of a pod}\n",
            """
            terminationGracePeriodSeconds: 1
            containers:
            - name: reader
              image: %s
              command: [sleep, "100000"]
              resources:
                limits: {memory: 48Mi}
              env:
              - {name: POD, valueFrom: {fieldRef: {fieldPath: metadata.name}}}
              - {name: ADDRESS, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
              - name: LIMIT
                valueFrom: {resourceFieldRef: {resource: limits.memory, divisor: 1Mi}}
              volumeMounts:
              - {name: told, mountPath: /told}
              - {name: config, mountPath: /config, readOnly: true}
              - {name: config, mountPath: /one/settings, subPath: settings}
            volumes:
            - name: told
              downwardAPI:
                defaultMode: 0440
                items:
                - {path: labels, fieldRef: {fieldPath: metadata.labels}}
                - {path: deeper/note, fieldRef: {fieldPath: "metadata.annotations['note']"}}
            - name: config
              hostPath: {path: %s, type: Directory}
            """
                .formatted(node.busybox(), directory));
    pod.awaitReady();

    assertEquals("app=\"told\"", pod.run("reader", "cat", "/told/labels"));
    assertEquals("of a pod", pod.run("reader", "cat", "/told/deeper/note"));
    assertEquals("440\n", pod.run("reader", "stat", "-L", "-c", "%a", "/told/labels"));
    assertEquals("colour=blue\n", pod.run("reader", "cat", "/config/settings"));
    assertEquals("colour=blue\n", pod.run("reader", "cat", "/one/settings"));
    String environment = pod.run("reader", "env");
    assertTrue(environment.contains("POD=told-" + Kubelet.NODE_NAME + "\n"), environment);
    assertTrue(environment.contains("ADDRESS=" + pod.ip() + "\n"), environment);
    assertTrue(environment.contains("LIMIT=48\n"), environment);
    String hosts = pod.run("reader", "cat", "/etc/hosts");
    assertTrue(hosts.contains(pod.ip() + "\ttold-" + Kubelet.NODE_NAME), hosts);
  }

  @Test
  void livenessProbe_thatFailsRestartsTheContainer() {
    pod =
        kubelet.run(
            "liveness",
            """
            terminationGracePeriodSeconds: 1
            containers:
            - name: alive
              image: %s
              command: [sh, -c, "touch /alive; sleep 100000"]
              livenessProbe:
                exec: {command: [test, -e, /alive]}
                periodSeconds: 1
                failureThreshold: 2
                timeoutSeconds: 60
            """
                .formatted(node.busybox()));
    pod.awaitReady();
    final String first = pod.containerId("alive");

    pod.run("alive", "rm", "/alive");

    JsonNode again =
        pod.awaitContainer(
            "alive",
            "was restarted",
            SOON,
            now -> now.at("/restartCount").asInt() == 1 && now.at("/ready").asBoolean());
    // Killed: a shell as the first process has no handler for SIGTERM.
    assertEquals(137, again.at("/lastState/terminated/exitCode").asInt(), again::toString);
    assertNotEquals(first, pod.containerId("alive"));
  }

  @Test
  void readinessProbe_followsTheServersAnswer() {
    pod =
        kubelet.run(
            "readiness",
            """
            terminationGracePeriodSeconds: 1
            containers:
            - name: server
              image: %s
              command: [sh, -c, "mkdir /www; touch /www/ok; exec httpd -f -p 80 -h /www"]
              readinessProbe:
                httpGet: {path: /ok, port: 80}
                periodSeconds: 1
                failureThreshold: 1
                timeoutSeconds: 60
            """
                .formatted(node.busybox()));
    pod.awaitReady();

    pod.run("server", "rm", "/www/ok");
    pod.await("is not ready", SOON, now -> !pod.isReady());
    pod.run("server", "touch", "/www/ok");
    pod.awaitReady();

    assertEquals(0, pod.container("server").at("/restartCount").asInt());
  }

  @Test
  void failingContainer_isRestartedWithBackOff_andItsLastWordsAreKept() {
    pod =
        kubelet.run(
            "failing",
            """
            restartPolicy: OnFailure
            containers:
            - name: failing
              image: %s
              command: [sh, -c, "echo last words; exit 3"]
            """
                .formatted(node.busybox()));

    JsonNode waiting =
        pod.awaitContainer(
            "failing",
            "waits to be restarted",
            SOON,
            now ->
                now.at("/restartCount").asInt() >= 1
                    && now.at("/state/waiting/reason").asText().equals("CrashLoopBackOff"));
    JsonNode again =
        pod.awaitContainer(
            "failing",
            "was restarted a second time",
            SOON,
            now -> now.at("/restartCount").asInt() >= 2);

    assertEquals(3, waiting.at("/lastState/terminated/exitCode").asInt(), waiting::toString);
    assertEquals("Error", waiting.at("/lastState/terminated/reason").asText());
    assertEquals("last words\n", pod.logs("failing", ""));
    // Each restart is at least 10 s after the end before it.
    OffsetDateTime end = time(waiting.at("/lastState/terminated/finishedAt"));
    JsonNode started =
        again.at("/state").has("running")
            ? again.at("/state/running/startedAt")
            : again.at("/lastState/terminated/startedAt");
    assertTrue(Duration.between(end, time(started)).toSeconds() >= 9, again::toString);
  }

  @Test
  void podThatIsNotToBeRestarted_succeedsWithItsMessage() {
    pod =
        kubelet.run(
            "once",
            """
            restartPolicy: Never
            containers:
            - name: work
              image: %s
              command: [sh, -c, "echo done well >/dev/termination-log"]
            """
                .formatted(node.busybox()));

    pod.await("succeeded", SOON, now -> now.at("/status/phase").asText().equals("Succeeded"));

    JsonNode work = pod.container("work");
    assertEquals("done well\n", work.at("/state/terminated/message").asText(), work::toString);
    assertEquals(0, work.at("/state/terminated/exitCode").asInt());
  }

  @Test
  void containerBeyondItsMemoryLimit_isOomKilled() {
    pod =
        kubelet.run(
            "greedy",
            """
            restartPolicy: Never
            containers:
            - name: greedy
              image: %s
              command: [sh, -c, "tail /dev/zero"]
              resources:
                limits: {memory: 24Mi}
            """
                .formatted(node.busybox()));

    pod.await("failed", SOON, now -> now.at("/status/phase").asText().equals("Failed"));

    JsonNode greedy = pod.container("greedy").at("/state/terminated");
    assertEquals("OOMKilled", greedy.at("/reason").asText(), greedy::toString);
    assertEquals(137, greedy.at("/exitCode").asInt());
  }

  @Test
  void removedPod_runsItsPreStopHookThenIsAskedToEnd() throws IOException {
    Path directory = Files.createDirectories(node.directory().scratch().resolve("goodbye"));
    pod =
        kubelet.run(
            "graceful",
            """
            terminationGracePeriodSeconds: 600
            containers:
            - name: server
              image: %s
              command:
              - sh
              - -c
              - "trap 'echo term >>/words/said; exit 0' TERM; while :; do sleep 0.1; done"
              lifecycle:
                postStart: {exec: {command: [sh, -c, "echo started >>/words/said"]}}
                preStop: {exec: {command: [sh, -c, "echo stopping >>/words/said"]}}
              volumeMounts:
              - {name: words, mountPath: /words}
            volumes:
            - name: words
              hostPath: {path: %s, type: Directory}
            """
                .formatted(node.busybox(), directory));
    pod.awaitReady();

    pod.close();

    assertEquals("started\nstopping\nterm\n", Files.readString(directory.resolve("said")));
  }

  @Test
  void removedPod_thatDoesNotEndIsKilledAfterItsGracePeriod() {
    pod =
        kubelet.run(
            "stubborn",
            """
            terminationGracePeriodSeconds: 5
            containers:
            - name: stubborn
              image: %s
              command: [sh, -c, "trap : TERM; while :; do sleep 0.1; done"]
            """
                .formatted(node.busybox()));
    pod.awaitReady();
    String id = pod.containerId("stubborn");
    JsonNode before = node.crictl().json("inspect", id);
    assertEquals("CONTAINER_RUNNING", before.at("/status/state").asText());
    long asked = System.nanoTime();

    pod.close();

    assertTrue(Duration.ofNanos(System.nanoTime() - asked).toSeconds() >= 5);
    // A kubelet keeps the dead of a pod that is gone for some time only.
    var after = node.crictl().run("inspect", id);
    if (after.succeeded()) {
      assertTrue(after.stdout().contains("\"exitCode\": 137"), after::toString);
    }
  }

  @Test
  void changedManifest_replacesThePod() {
    pod = kubelet.run("changing", sleeper("generation: one"));
    pod.awaitReady();
    final String first = pod.uid();

    pod = kubelet.run("changing", sleeper("generation: two"));

    pod.await(
        "is the new one", SOON, now -> !now.at("/metadata/uid").asText().equals(first) && ready());
    assertTrue(pod.run("app", "env").contains("WORD=generation: two"));
  }

  private boolean ready() {
    return pod.isReady();
  }

  private static String sleeper(String word) {
    return """
    terminationGracePeriodSeconds: 1
    containers:
    - name: app
      image: %s
      command: [sleep, "100000"]
      env:
      - {name: WORD, value: "%s"}
    """
        .formatted(node.busybox(), word);
  }

  @Test
  void sidecar_startsBeforeTheAppAndIsEndedAfterIt() throws IOException {
    Path directory = Files.createDirectories(node.directory().scratch().resolve("order"));
    String service =
        "echo %1$s starts >>/words/said;"
            + " trap 'echo %1$s ends >>/words/said; exit 0' TERM; while :; do sleep 0.1; done";
    pod =
        kubelet.run(
            "sidecar",
            """
            terminationGracePeriodSeconds: 600
            initContainers:
            - name: sidecar
              restartPolicy: Always
              image: %1$s
              command: [sh, -c, "%2$s"]
              volumeMounts:
              - {name: words, mountPath: /words}
            containers:
            - name: app
              image: %1$s
              command: [sh, -c, "%3$s"]
              volumeMounts:
              - {name: words, mountPath: /words}
            volumes:
            - name: words
              hostPath: {path: %4$s, type: Directory}
            """
                .formatted(
                    node.busybox(),
                    service.formatted("sidecar"),
                    service.formatted("app"),
                    directory));
    pod.awaitReady();

    pod.close();

    assertEquals(
        "sidecar starts\napp starts\napp ends\nsidecar ends\n",
        Files.readString(directory.resolve("said")));
  }

  @Test
  void namespaces_areOfTheNodeOrSharedAsThePodAsks() throws IOException {
    pod =
        kubelet.run(
            "shared",
            """
            hostNetwork: true
            shareProcessNamespace: true
            terminationGracePeriodSeconds: 1
            containers:
            - name: one
              image: %1$s
              command: [sleep, "1111"]
            - name: two
              image: %1$s
              command: [sleep, "2222"]
            """
                .formatted(node.busybox()));
    pod.awaitReady();

    String processes = pod.run("two", "ps", "-o", "args");
    assertTrue(processes.contains("sleep 1111"), processes);
    assertTrue(processes.contains("sleep 2222"), processes);
    assertEquals(
        Files.readSymbolicLink(Path.of("/proc/self/ns/net")) + "\n",
        pod.run("one", "readlink", "/proc/self/ns/net"));
  }

  @Test
  void userNamespace_mapsThePodsRootToNobodyOfTheNode() {
    pod =
        kubelet.run(
            "mapped",
            """
            hostUsers: false
            terminationGracePeriodSeconds: 1
            containers:
            - name: root
              image: %s
              command: [sh, -c, "touch /data/mine; sleep 100000"]
              volumeMounts:
              - {name: data, mountPath: /data}
            volumes:
            - name: data
              emptyDir: {}
            """
                .formatted(node.busybox()));
    pod.awaitReady();

    assertEquals("0\n", pod.run("root", "stat", "-c", "%u", "/data/mine"));
    String[] map = pod.run("root", "cat", "/proc/self/uid_map").strip().split("\\s+");
    assertEquals("0", map[0]);
    assertTrue(Long.parseLong(map[1]) >= 65536, String.join(" ", map));
    assertEquals("65536", map[2]);
  }

  @Test
  void summary_hasThePodsStatistics() {
    pod = kubelet.run("measured", sleeper("measured"));
    pod.awaitReady();

    JsonNode measured =
        io.gantry.tests.tools.Eventually.get(
            "statistics of the pod",
            SOON,
            () -> summary("measured-" + Kubelet.NODE_NAME),
            now ->
                now.at("/containers/0/memory/workingSetBytes").asLong() > 0
                    && now.at("/containers/0/rootfs/usedBytes").isNumber());

    assertEquals("app", measured.at("/containers/0/name").asText());
    assertTrue(
        measured.at("/containers/0/cpu/usageCoreNanoSeconds").asLong() > 0, measured::toString);
    assertTrue(measured.at("/process_stats/process_count").asLong() >= 0);
  }

  private static JsonNode summary(String name) {
    JsonNode all = kubelet.api().json("/stats/summary");
    return StreamSupport.stream(all.at("/pods").spliterator(), false)
        .filter(one -> one.at("/podRef/name").asText().equals(name))
        .findFirst()
        .orElseThrow(() -> new AssertionError(names(all).toString()));
  }

  private static Set<String> names(JsonNode summary) {
    return StreamSupport.stream(summary.at("/pods").spliterator(), false)
        .map(one -> one.at("/podRef/name").asText())
        .collect(Collectors.toSet());
  }

  private static OffsetDateTime time(JsonNode text) {
    assertFalse(text.isMissingNode());
    return OffsetDateTime.parse(text.asText());
  }
}
