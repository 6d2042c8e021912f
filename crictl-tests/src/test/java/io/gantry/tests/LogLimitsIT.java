package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.ReopenContainerLogRequest;
import io.gantry.tests.cri.ContainerLog;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A container that talks without end fills neither the disk nor waits for its log. */
@Tag("root")
class LogLimitsIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final int CAP_BYTES = 20_000;

  @BeforeEach
  void onlyOfGantry() {
    assumeTrue(TestNode.isGantry(), "the annotations are gantry's");
  }

  @AfterEach
  void removePods() {
    node.removeAllPods();
  }

  @Test
  void cappedLog_staysBelowItsCapAndTellsWhatItLacks() throws IOException {
    TestPod pod = TestPod.run(node);
    String container =
        pod.run(
            "talker",
            config ->
                config
                    .addAllCommand(List.of("sh", "-c", "seq 1 200000; echo the end"))
                    .putAnnotations("gantry.io/log-max-bytes", Integer.toString(CAP_BYTES)));

    assertEquals(0, pod.awaitExit(container).getExitCode());

    ContainerLog log = pod.log("talker");
    assertTrue(Files.size(pod.logFile("talker")) <= CAP_BYTES, "below the cap");
    assertTrue(Files.size(pod.logFile("talker")) > CAP_BYTES / 2, "as much as fits");
    assertEquals("1", log.lines().get(0).text());
    assertFalse(log.stdout().contains("the end"));
    long kept = log.lines().stream().filter(line -> line.stream().equals("stdout")).count();
    long dropped = "the end".length();
    for (long number = kept + 1; number <= 200_000; number++) {
      dropped += Long.toString(number).length();
    }
    assertEquals("gantry: dropped " + dropped + " bytes beyond the log's limits\n", log.stderr());
  }

  @Test
  void rotation_givesACappedLogItsRoomBack() throws IOException {
    TestPod pod =
        TestPod.run(
            node,
            config ->
                config.putAnnotations("gantry.io/log-max-bytes", Integer.toString(CAP_BYTES)));
    String container =
        pod.run(
            "talker",
            "sh",
            "-c",
            "seq 1 50000; touch /tmp/said; until [ -e /tmp/go ]; do usleep 5000; done; echo again");
    io.gantry.tests.tools.Eventually.holds(
        "it has said much",
        java.time.Duration.ofSeconds(30),
        () -> assertTrue(Files.exists(pod.inside(container, "/tmp/said"))));

    Path rotated = pod.logFile("talker").resolveSibling("talker.log.1");
    Files.move(pod.logFile("talker"), rotated);
    node.cri()
        .runtime()
        .reopenContainerLog(
            ReopenContainerLogRequest.newBuilder().setContainerId(container).build());
    Files.createFile(pod.inside(container, "/tmp/go"));
    pod.awaitExit(container);

    assertTrue(ContainerLog.read(rotated).stderr().contains("dropped"), "told where it is missing");
    assertTrue(Files.size(rotated) <= CAP_BYTES);
    assertTrue(pod.log("talker").stdout().endsWith("again\n"));
  }

  @Test
  void ratedLog_isThinnedAndTheContainerIsNotHeldUp() {
    TestPod pod = TestPod.run(node);
    String container =
        pod.run(
            "talker",
            config ->
                config
                    .addAllCommand(List.of("sh", "-c", "seq 1 200000; sleep 2; echo the end"))
                    .putAnnotations("gantry.io/log-rate-bytes-per-second", "10000"));

    assertEquals(0, pod.awaitExit(container).getExitCode());

    ContainerLog log = pod.log("talker");
    assertTrue(log.stdout().endsWith("bytes beyond the log's limits\nthe end\n"), log::stdout);
    assertTrue(log.lines().size() < 20_000, () -> log.lines().size() + " lines");
  }
}
