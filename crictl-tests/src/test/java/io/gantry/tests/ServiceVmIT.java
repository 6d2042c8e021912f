package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.cri.CriClient;
import io.gantry.tests.node.Service;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.node.UnifiedCgroup;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** gantryd as a service of systemd, by the unit that comes with it. */
@Tag("root")
@Tag("vm")
class ServiceVmIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox().asService();

  private static final Duration SOON = Duration.ofSeconds(30);

  private TestPod pod;

  @BeforeEach
  void runPod() {
    pod = TestPod.run(node);
  }

  @AfterEach
  void removePod() {
    pod.close();
  }

  private String writer() {
    String container =
        pod.run(
            "writer", "sh", "-c", "i=0; while :; do echo line $i; i=$((i+1)); sleep 0.02; done");
    pod.awaitLog("writer", log -> log.lines().size() > 20);
    return container;
  }

  @Test
  void restart_losesNothing() throws Exception {
    String container = writer();
    String ending =
        pod.run("ending", "sh", "-c", "until [ -e /go ]; do sleep 0.1; done; echo bye; exit 5");
    long pid = pod.pid(container);
    Path go = pod.inside(ending, "/go");
    final long shim = ProcessHandle.of(pid).orElseThrow().parent().orElseThrow().pid();

    node.runtime().stop();
    assertEquals("inactive", Service.property("ActiveState"));
    Files.createFile(go);
    int without = pod.log("writer").lines().size();
    pod.awaitLog("writer", log -> log.lines().size() > without + 20);
    node.startAgain();
    awaitAnswer();

    assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
    assertEquals(pid, pod.pid(container), "the same process");
    assertEquals("inside\n", pod.execOutput(container, "echo", "inside"));
    assertEquals(5, pod.awaitExit(ending).getExitCode());
    assertEquals("bye\n", pod.log("ending").stdout());
    // The shims share nothing with the service, neither its limits nor its end.
    assertEquals("/system.slice/gantry-shims.scope", UnifiedCgroup.of(shim).path());

    // And as an administrator has it: at once.
    Service.systemctl("restart", Service.UNIT);
    awaitAnswer();

    assertEquals(pid, pod.pid(container), "the same process");
    int after = pod.log("writer").lines().size();
    pod.awaitLog("writer", log -> log.lines().size() > after + 20);
    assertWhole(pod.log("writer"));
  }

  private static void assertWhole(ContainerLog log) {
    List<String> expected =
        LongStream.range(0, log.lines().size()).mapToObj(number -> "line " + number).toList();
    assertEquals(expected, log.lines().stream().map(ContainerLog.Line::text).toList());
  }

  @Test
  void killedDaemon_isStartedAgainAndFindsItsContainers() {
    String container = writer();
    long pid = pod.pid(container);
    String before = Service.property("MainPID");

    node.runtime().kill();

    awaitAnother(before);
    assertEquals(pid, pod.pid(container));
    assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
  }

  @Test
  void daemonThatAnswersNoMore_isReplacedByTheWatchdog() {
    String container = writer();
    String before = Service.property("MainPID");
    assertNotEquals("0", Service.property("WatchdogUSec"));

    Service.systemctl("kill", "--kill-who=main", "--signal=STOP", Service.UNIT);

    awaitAnother(before);
    assertEquals(ContainerState.CONTAINER_RUNNING, pod.status(container).getState());
  }

  private static void awaitAnother(String before) {
    Eventually.get(
        "another daemon serves",
        Duration.ofSeconds(120),
        () -> Service.property("ActiveState") + " " + Service.property("MainPID"),
        now -> now.startsWith("active ") && !now.equals("active " + before));
    awaitAnswer();
  }

  /** By the test's own connection, which may not know yet that its other end has gone. */
  private static void awaitAnswer() {
    Eventually.holds(
        "the daemon answers",
        SOON,
        () -> {
          node.cri().reconnect();
          node.cri().runtime().version(CriClient.VERSION_REQUEST);
        });
  }

  @Test
  void systemd_isToldWhatTheDaemonIsAt() {
    assertEquals("notify", Service.property("Type"));
    String serves = "serves unix://" + node.directory().socket();
    assertEquals(serves, Service.property("StatusText"));

    Service.systemctl("reload", Service.UNIT);

    Eventually.get(
        "the configuration is read again",
        SOON,
        ServiceVmIT::journal,
        lines -> lines.stream().anyMatch(line -> line.contains("configuration re-read")));
    Eventually.get(
        "it is active again", SOON, () -> Service.property("ActiveState"), "active"::equals);
    assertEquals(serves, Service.property("StatusText"));
  }

  @Test
  void journal_hasALineForEachEventWithItsPriority() {
    List<String> lines = journal();

    assertTrue(lines.stream().anyMatch(line -> line.contains("msg=\"gantryd serves\"")));
    for (String line : lines) {
      assertTrue(line.matches("level=(info|warn|error) msg=.*"), line);
    }
    for (String line : journal("--priority=warning")) {
      assertTrue(line.matches("level=(warn|error) msg=.*"), line);
    }
    for (String line : journal("--priority=info..info")) {
      assertTrue(line.startsWith("level=info "), line);
    }
  }

  /** The daemon's own lines. */
  private static List<String> journal(String... options) {
    List<String> command =
        new java.util.ArrayList<>(
            List.of("journalctl", "--quiet", "--output=cat", "_SYSTEMD_UNIT=" + Service.UNIT));
    command.addAll(List.of(options));
    return Command.of(command).run().orFail().stdout().lines().toList();
  }
}
