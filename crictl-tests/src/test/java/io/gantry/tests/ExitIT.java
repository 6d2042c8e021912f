package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.NodeProcesses;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** How a container's end is reported: code, reason, times. */
@Tag("root")
@ParameterizedClass(name = "handler \"{0}\"")
@MethodSource("io.gantry.tests.node.RuntimeHandlers#all")
class ExitIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @Parameter String handler;

  private static final long OOM_LIMIT_BYTES = 16 << 20;

  private TestPod pod;

  @BeforeEach
  void runPod() {
    pod = TestPod.run(node, handler);
  }

  @AfterEach
  void removePod() {
    pod.close();
  }

  @ParameterizedTest
  @CsvSource({
    "exit 0, 0, Completed",
    "exit 1, 1, Error",
    "exit 255, 255, Error",
    "kill -9 $$, 137, Error",
    "kill -15 $$, 143, Error"
  })
  void exit_givesCodeAndReason(String script, int code, String reason) {
    // A process 1 in its own PID namespace ignores signals it sends itself, so a child gets them.
    String words = script.startsWith("kill") ? "sh -c '" + script + "'; exit $?" : script;
    String container = pod.run("exits", "sh", "-c", words);

    ContainerStatus status = pod.awaitExit(container);

    assertEquals(code, status.getExitCode());
    assertEquals(reason, status.getReason());
    assertTrue(status.getStartedAt() >= status.getCreatedAt(), status.toString());
    assertTrue(status.getFinishedAt() >= status.getStartedAt(), status.toString());
  }

  @Test
  void killOfProcessOneFromOutside_isReportedAs137() {
    String container = pod.run("victim", "sleep", "1000");
    assertTrue(ProcessHandle.of(pod.pid(container)).orElseThrow().destroyForcibly());

    assertEquals(137, pod.awaitExit(container).getExitCode());
  }

  @Test
  void times_areZeroUntilTheyCome() {
    String container = pod.create("waits", "sleep", "1000");
    ContainerStatus created = pod.status(container);
    assertEquals(ContainerState.CONTAINER_CREATED, created.getState());
    assertTrue(created.getCreatedAt() > 0);
    assertEquals(0, created.getStartedAt());
    assertEquals(0, created.getFinishedAt());

    pod.start(container);
    ContainerStatus running = pod.status(container);
    assertEquals(ContainerState.CONTAINER_RUNNING, running.getState());
    assertTrue(running.getStartedAt() >= running.getCreatedAt());
    assertEquals(0, running.getFinishedAt());
  }

  @Test
  void outOfMemory_isReportedAsOomKilled() {
    String container =
        pod.run(
            "greedy",
            config -> {
              config.addAllCommand(List.of("tail", "/dev/zero"));
              Configs.resources(
                      limits ->
                          limits
                              .setMemoryLimitInBytes(OOM_LIMIT_BYTES)
                              .setMemorySwapLimitInBytes(OOM_LIMIT_BYTES))
                  .accept(config);
            });

    ContainerStatus status = pod.awaitExit(container);

    assertEquals("OOMKilled", status.getReason());
    assertEquals(137, status.getExitCode());
  }

  @Test
  void stop_sendsTheImagesStopSignal() {
    String reference = node.registry().open().reference("test/stops-by-usr1:1");
    node.registry()
        .open()
        .push(
            "test/stops-by-usr1",
            "1",
            node.registry().images().marked("usr1").stopSignal("SIGUSR1"));
    node.crictl().out("pull", reference);
    String container =
        pod.run(
            "usr1",
            config -> {
              config.setImage(ImageSpec.newBuilder().setImage(reference));
              config.addAllCommand(
                  List.of(
                      "sh",
                      "-c",
                      "trap 'exit 9' USR1; trap '' TERM; echo ready; while :; do usleep 10000; done"));
            });
    pod.awaitLog("usr1", log -> log.stdout().contains("ready"));

    pod.stop(container, Duration.ofSeconds(20));

    assertEquals(9, pod.status(container).getExitCode());
  }

  @Test
  void stopPod_endsItsContainers() {
    String container = pod.run("sleeper", "sleep", "1000");

    node.crictl().out("stopp", pod.id());

    assertEquals(ContainerState.CONTAINER_EXITED, pod.status(container).getState());
  }

  @Test
  void backgroundChildren_endWithTheContainer() {
    String container = pod.run("parent", "sh", "-c", "sleep 1234 & echo started; exit 0");
    pod.awaitExit(container);

    pod.remove(container);

    assertEquals(
        List.of(),
        NodeProcesses.of(node.directory()).stream()
            .filter(process -> process.commandLine().endsWith("sleep 1234"))
            .toList());
  }
}
