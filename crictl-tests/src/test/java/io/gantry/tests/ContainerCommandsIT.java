package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.tests.node.CrictlFiles;
import io.gantry.tests.node.RuntimeHandlers;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Containers under crictl: create, start, ps, inspect, exec -s, logs, stop, rm, stats. */
@Tag("root")
@ParameterizedClass(name = "handler \"{0}\"")
@MethodSource("io.gantry.tests.node.RuntimeHandlers#all")
class ContainerCommandsIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @Parameter String handler;

  private static final Duration SOON = Duration.ofSeconds(20);

  private final CrictlFiles files = new CrictlFiles(node);
  private String pod;

  @BeforeEach
  void runPod() {
    RuntimeHandlers.assumeInstalled(handler);
    pod = node.crictl().out("runp", "--runtime", handler, files.pod("pod").toString());
  }

  @AfterEach
  void removePods() {
    node.removeAllPods();
  }

  @Test
  void create_leavesTheContainerCreatedUntilItIsStarted() {
    String container = create("app", "sleep", "1000");
    assertEquals("CONTAINER_CREATED", inspect(container).get("state").asText());
    assertTrue(inspect(container).get("createdAt").asText().startsWith("20"));

    node.crictl().out("start", container);

    JsonNode status = inspect(container);
    assertEquals("CONTAINER_RUNNING", status.get("state").asText());
    assertEquals("app", status.at("/metadata/name").asText());
    assertEquals("app", status.at("/labels/test-label").asText());
    assertEquals(node.busybox(), status.at("/image/image").asText());
    assertEquals(
        files.logDirectory("pod").resolve("app.log").toString(), status.get("logPath").asText());
  }

  @Test
  void ps_listsRunningContainersAndWithAllTheOthersToo() {
    String running = start("running", "sleep", "1000");
    String created = create("created", "sleep", "1000");
    String exited = start("exited", "true");
    awaitState(exited, "CONTAINER_EXITED");

    assertEquals(running, node.crictl().out("ps", "-q"));
    assertEquals(3, node.crictl().out("ps", "-a", "-q").lines().count());
    assertEquals(created, node.crictl().out("ps", "-a", "-q", "--state", "created"));
    assertEquals(exited, node.crictl().out("ps", "-a", "-q", "--name", "exited"));
    assertEquals(3, node.crictl().out("ps", "-a", "-q", "--pod", pod).lines().count());
    assertEquals(running, node.crictl().out("ps", "-q", "--label", "test-label=running"));
    assertEquals(running, node.crictl().out("ps", "-a", "-q", "--id", running.substring(0, 13)));
    assertTrue(node.crictl().out("ps").contains("running"));
  }

  @Test
  void inspect_ofAnExitedContainerTellsCodeReasonAndTimes() {
    String container = start("failing", "sh", "-c", "exit 7");
    awaitState(container, "CONTAINER_EXITED");

    JsonNode status = inspect(container);
    assertEquals(7, status.get("exitCode").asInt());
    assertEquals("Error", status.get("reason").asText());
    assertNotEquals("0001-01-01T00:00:00Z", status.get("startedAt").asText());
    assertTrue(status.get("finishedAt").asText().compareTo(status.get("startedAt").asText()) > 0);
  }

  @Test
  void inspect_givesTheProcessAndTheRuntimeSpecification() {
    String container = start("app", "sleep", "1000");

    JsonNode info = node.crictl().json("inspect", container).get("info");

    assertTrue(Files.exists(Path.of("/proc", info.get("pid").asText())), info.get("pid").asText());
    assertEquals("sleep", info.at("/runtimeSpec/process/args/0").asText());
  }

  @Test
  void execSync_returnsBothStreamsAndTheExitCode() {
    String container = start("app", "sleep", "1000");

    Command.Outcome good =
        node.crictl().run("exec", "-s", container, "sh", "-c", "echo out; echo err >&2").orFail();
    // crictl itself prints both to its standard output.
    assertEquals(List.of("out", "err"), good.stdout().lines().filter(l -> !l.isEmpty()).toList());

    // crictl prints nothing of a command that fails but its exit code.
    String words = node.crictl().refusal("exec", "-s", container, "sh", "-c", "exit 3");
    assertTrue(words.contains("exited with 3"), words);
  }

  @Test
  void execSync_pastItsTimeoutIsKilledAndReported() {
    String container = start("app", "sleep", "1000");

    String words = node.crictl().refusal("exec", "-s", "--timeout", "1", container, "sleep", "987");

    assertTrue(words.contains("DeadlineExceeded"), words);
    assertEquals(
        "", node.crictl().run("exec", "-s", container, "pgrep", "-f", "sleep 987").stdout());
  }

  @Test
  void execSync_inAnExitedContainerIsRefused() {
    String container = start("short", "true");
    awaitState(container, "CONTAINER_EXITED");

    String words = node.crictl().refusal("exec", "-s", container, "true");

    assertTrue(words.matches("(?si).*(exited|not running).*"), words);
  }

  @Test
  void logs_printsBothStreamsInOrder() {
    String container = start("talker", "sh", "-c", "for i in 1 2 3; do echo line $i; done");
    awaitState(container, "CONTAINER_EXITED");

    assertEquals("line 1\nline 2\nline 3", node.crictl().out("logs", container));
    assertEquals("line 3", node.crictl().out("logs", "--tail", "1", container));

    String both = start("both", "sh", "-c", "echo to-out; echo to-err >&2");
    awaitState(both, "CONTAINER_EXITED");
    Command.Outcome outcome = node.crictl().run("logs", both).orFail();
    assertEquals("to-out", outcome.stdout().strip());
    assertEquals("to-err", outcome.stderr().strip());
  }

  @Test
  void logs_followPrintsWhatComesUntilTheContainerEnds() {
    Path go = node.directory().scratch().resolve("go");
    String container =
        start(
            "talker",
            "sh",
            "-c",
            "echo before; until [ -e /tmp/go ]; do usleep 10000; done; echo after");
    List<String> words = new ArrayList<>(node.crictl().command("logs", "-f", container).words());
    Path output = node.directory().scratch().resolve("followed");
    Process follower;
    try {
      follower =
          new ProcessBuilder(words)
              .redirectOutput(output.toFile())
              .redirectError(go.resolveSibling("followed-errors").toFile())
              .start();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
    try {
      Eventually.holds(
          "the first line is followed",
          SOON,
          () -> assertEquals("before\n", Files.readString(output, StandardCharsets.UTF_8)));
      node.crictl().out("exec", "-s", container, "touch", "/tmp/go");
      Eventually.holds(
          "the last line is followed",
          SOON,
          () -> assertEquals("before\nafter\n", Files.readString(output, StandardCharsets.UTF_8)));
      Eventually.holds("crictl logs -f ends", SOON, () -> assertFalse(follower.isAlive()));
    } finally {
      follower.destroyForcibly();
    }
  }

  @Test
  void stop_letsTheContainerEndByItselfWithinTheGracePeriod() {
    String container =
        start(
            "graceful",
            "sh",
            "-c",
            "trap 'exit 5' TERM; echo ready; while :; do usleep 10000; done");
    awaitLog(container, "ready");

    node.crictl().out("stop", "--timeout", "20", container);

    assertEquals("CONTAINER_EXITED", inspect(container).get("state").asText());
    assertEquals(5, inspect(container).get("exitCode").asInt());
  }

  @Test
  void stop_killsWhatIgnoresItsSignal() {
    String container =
        start("stubborn", "sh", "-c", "trap '' TERM; echo ready; while :; do usleep 10000; done");
    awaitLog(container, "ready");

    node.crictl().out("stop", "--timeout", "1", container);

    assertEquals(137, inspect(container).get("exitCode").asInt());
  }

  @Test
  void stop_andRmOfAStoppedContainerSucceedAgain() {
    String container = start("app", "sleep", "1000");

    node.crictl().out("stop", "--timeout", "0", container);
    node.crictl().out("stop", "--timeout", "0", container);
    node.crictl().out("rm", container);

    assertEquals("", node.crictl().out("ps", "-a", "-q"));
  }

  @Test
  void rm_ofARunningContainerNeedsForce() {
    String container = start("app", "sleep", "1000");

    node.crictl().refusal("rm", container);
    assertEquals(container, node.crictl().out("ps", "-q"));

    node.crictl().out("rm", "--force", container);
    assertEquals("", node.crictl().out("ps", "-a", "-q"));
  }

  @Test
  void create_ofANameThatIsTakenInThePodIsRefused() {
    create("same", "true");

    String words =
        node.crictl()
            .refusal("create", pod, files.container("same", "false").toString(), podFile());

    assertTrue(words.contains("same"), words);
    assertEquals(1, node.crictl().out("ps", "-a", "-q").lines().count());
  }

  @Test
  void create_inAStoppedPodIsRefused() {
    node.crictl().out("stopp", pod);

    String container = files.container("late", "true").toString();
    Command.Outcome created = node.crictl().run("create", pod, container, podFile());
    if (created.succeeded()) {
      // containerd creates it and refuses to start it.
      node.crictl().refusal("start", created.stdout().strip());
    } else {
      assertTrue(
          created.stderr().matches("(?si).*(not ready|notready|not running|not found).*"),
          created.stderr());
    }
  }

  private String create(String name, String... command) {
    return node.crictl().out("create", pod, files.container(name, command).toString(), podFile());
  }

  private String start(String name, String... command) {
    String container = create(name, command);
    node.crictl().out("start", container);
    return container;
  }

  private String podFile() {
    return files.pod("pod").toString();
  }

  private static JsonNode inspect(String container) {
    return node.crictl().json("inspect", container).get("status");
  }

  private static void awaitState(String container, String state) {
    Eventually.get(
        "container " + container + " is " + state,
        SOON,
        () -> inspect(container).get("state").asText(),
        state::equals);
  }

  private static void awaitLog(String container, String text) {
    Eventually.get(
        "container writes " + text,
        SOON,
        () -> node.crictl().out("logs", container),
        log -> log.contains(text));
  }
}
