package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ReopenContainerLogRequest;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Interactive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The log file that the kubelet reads: its lines, its rotation; and standard input. */
@Tag("root")
@ParameterizedClass(name = "handler \"{0}\"")
@MethodSource("io.gantry.tests.node.RuntimeHandlers#all")
class LogsIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @Parameter String handler;

  private static final int PART_BYTES = 16384;

  private TestPod pod;

  @BeforeEach
  void runPod() {
    pod = TestPod.run(node, handler);
  }

  @AfterEach
  void removePod() {
    pod.close();
  }

  @Test
  void lines_carryTimeStreamAndText() {
    runToEnd("echo out; echo err >&2");

    ContainerLog log = pod.log("app");
    assertEquals("out\n", log.stdout());
    assertEquals("err\n", log.stderr());
    assertTrue(log.lines().stream().noneMatch(ContainerLog.Line::partial));
  }

  @Test
  void longLine_isWrittenInPartsOf16KiB() {
    runToEnd("head -c 40000 /dev/zero | tr '\\0' x; echo");

    List<ContainerLog.Line> lines = pod.log("app").lines();
    assertEquals(
        List.of(PART_BYTES, PART_BYTES, 40000 - 2 * PART_BYTES),
        lines.stream().map(line -> line.text().length()).toList());
    assertEquals(
        List.of(true, true, false), lines.stream().map(ContainerLog.Line::partial).toList());
  }

  @Test
  void lastLineWithoutNewline_isKept() {
    runToEnd("printf unfinished");

    assertEquals("unfinished", pod.log("app").stdout().strip());
  }

  @Test
  void emptyLines_areKept() {
    runToEnd("echo a; echo; echo b");

    assertEquals("a\n\nb\n", pod.log("app").stdout());
  }

  @Test
  void terminal_logsOneStream() {
    String container =
        pod.run(
            "app",
            config ->
                config
                    .setTty(true)
                    .addAllCommand(List.of("sh", "-c", "echo out; echo err >&2; tty")));
    pod.awaitExit(container);

    ContainerLog log = pod.log("app");
    assertEquals("", log.stderr());
    assertTrue(log.stdout().contains("out"), log.stdout());
    assertTrue(log.stdout().contains("err"), log.stdout());
    assertTrue(log.stdout().contains("/dev/"), log.stdout());
  }

  @Test
  void reopen_continuesInANewFileAndLosesNothing() throws IOException {
    String container =
        pod.run("app", "sh", "-c", "i=0; while :; do echo line $i; i=$((i+1)); usleep 1000; done");
    pod.awaitLog("app", log -> log.lines().size() > 20);
    Path file = pod.logFile("app");
    Path rotated = file.resolveSibling("app.log.1");

    Files.move(file, rotated);
    node.cri()
        .runtime()
        .reopenContainerLog(
            ReopenContainerLogRequest.newBuilder().setContainerId(container).build());
    pod.awaitLog("app", log -> log.lines().size() > 20);

    long lastOld = number(ContainerLog.read(rotated), false);
    long firstNew = number(pod.log("app"), true);
    assertEquals(lastOld + 1, firstNew, "the line after the last one of the old file");
  }

  @Test
  void rotation_isFollowedByWhoReadsTheLog() throws Exception {
    String container =
        pod.run(
            "app",
            "sh",
            "-c",
            "for i in 1 2 3; do until [ -e /tmp/$i ]; do usleep 5000; done; echo line $i; done");
    try (Interactive follower = Interactive.start(node.crictl().command("logs", "-f", container))) {
      pod.execOutput(container, "touch", "/tmp/1");
      follower.await("line 1\n");
      for (int i = 2; i <= 3; i++) {
        Files.move(pod.logFile("app"), pod.logFile("app").resolveSibling("app.log." + i));
        node.cri()
            .runtime()
            .reopenContainerLog(
                ReopenContainerLogRequest.newBuilder().setContainerId(container).build());
        pod.execOutput(container, "touch", "/tmp/" + i);
        follower.await("line " + i + "\n");
      }

      assertEquals("line 1\nline 2\nline 3\n", follower.awaitEnd());
      assertEquals(0, follower.exitCode());
    }
  }

  @Test
  void reopen_isRefusedOnceTheContainerEnded() {
    String container = runToEnd("echo done");

    var refusal =
        org.junit.jupiter.api.Assertions.assertThrows(
            io.grpc.StatusRuntimeException.class,
            () ->
                node.cri()
                    .runtime()
                    .reopenContainerLog(
                        ReopenContainerLogRequest.newBuilder().setContainerId(container).build()));
    assertTrue(refusal.getMessage().matches("(?s).*(not running|EXITED).*"), refusal.getMessage());
  }

  @Test
  void fastOutput_isWhole() {
    runToEnd("seq 1 100000");

    ContainerLog log = pod.awaitLog("app", found -> found.lines().size() >= 100_000);
    assertEquals("100000", log.lines().get(99_999).text());
  }

  @Test
  void stdin_isEmptyUnlessAskedFor() {
    runToEnd("cat; echo end of input");

    assertEquals("end of input\n", pod.log("app").stdout());
  }

  @Test
  void stdin_staysOpenWhenAskedFor() {
    String container =
        pod.run(
            "app",
            config ->
                config
                    .setStdin(true)
                    .addAllCommand(List.of("sh", "-c", "echo waits; cat; echo end of input")));

    pod.awaitLog("app", log -> log.stdout().contains("waits"));
    pod.execOutput(container, "true");

    assertFalse(pod.log("app").stdout().contains("end of input"));
  }

  private String runToEnd(String script) {
    String container = pod.run("app", "sh", "-c", script);
    pod.awaitExit(container);
    return container;
  }

  private static long number(ContainerLog log, boolean first) {
    List<ContainerLog.Line> lines = log.lines();
    String text = lines.get(first ? 0 : lines.size() - 1).text();
    return Long.parseLong(text.substring("line ".length()));
  }
}
