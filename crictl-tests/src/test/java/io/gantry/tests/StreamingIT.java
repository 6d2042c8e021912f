package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ExecSyncResponse;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Interactive;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** crictl exec and crictl attach, which stream, and ExecSync, which does not. */
@Tag("root")
class StreamingIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String CTRL_C = "\3";

  private static Path terminal() {
    return node.directory().scratch().resolve("tty-" + UUID.randomUUID());
  }

  private static Command exec(String transport, String flag, String container, String... words) {
    List<String> all = new ArrayList<>(List.of("exec", "--transport", transport));
    if (!flag.isEmpty()) {
      all.add(flag);
    }
    all.add(container);
    all.addAll(List.of(words));
    return node.crictl().command(all.toArray(new String[0]));
  }

  @ParameterizedTest
  @ValueSource(strings = {"spdy", "websocket"})
  void exec_keepsOutputsApartAndTellsTheExitCode(String transport) {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("sleeper", "sleep", "1000");

      Command.Outcome outcome =
          exec(transport, "", container, "sh", "-c", "echo out; echo err >&2; exit 7").run();

      assertEquals("out\n", outcome.stdout());
      assertTrue(outcome.stderr().startsWith("err\n"), outcome.stderr());
      assertTrue(outcome.stderr().contains("exit code 7"), outcome.stderr());
      exec(transport, "", container, "true").run().orFail();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"spdy", "websocket"})
  void exec_carriesInputToItsEndAndBack(String transport) {
    byte[] bytes = new byte[5_000_000];
    new Random(5).nextBytes(bytes);
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("sleeper", "sleep", "1000");

      Command.Outcome outcome = exec(transport, "-i", container, "cat").reading(bytes).run();

      assertArrayEquals(bytes, outcome.orFail().stdoutBytes());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"spdy", "websocket"})
  void exec_givesAShellInATerminal(String transport) throws Exception {
    Path terminal = terminal();
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("sleeper", "sleep", "1000");
      try (Interactive shell =
          Interactive.inTerminal(exec(transport, "-it", container, "sh"), terminal)) {
        shell.type("echo te''rm=$TERM; stty size\r");
        shell.await("term=xterm");
        shell.await("33 99");

        Interactive.resizeTerminal(terminal, 40, 120);
        Eventually.holds(
            "the new size arrives",
            SOON,
            () -> {
              shell.type("stty size\r");
              shell.await("40 120");
            });

        shell.type("sleep 4321\r");
        Eventually.get(
            "the shell's command runs",
            SOON,
            () -> pod.execOutput(container, "ps"),
            processes -> processes.contains("4321"));
        shell.type(CTRL_C);
        shell.type("echo still he''re\r");
        shell.await("still here");
        shell.type("exit 5\r");

        assertTrue(shell.awaitEnd().contains("exit code 5"));
      }
    }
  }

  @Test
  void programThatIsMissing_isToldInWords() {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("sleeper", "sleep", "1000");

      String words = node.crictl().refusal("exec", container, "/no/such/program");

      assertTrue(words.contains("/no/such/program"), words);
    }
  }

  @Test
  void exec_endsWithItsClient() {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("sleeper", "sleep", "1000");
      try (Interactive client =
          Interactive.start(exec("spdy", "-i", container, "sh", "-c", "echo on; sleep 4321"))) {
        client.await("on");
        client.kill();
      }

      Eventually.get(
          "the command ends with its client",
          SOON,
          () -> pod.execOutput(container, "ps"),
          processes -> !processes.contains("4321"));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"spdy", "websocket"})
  void attach_talksWithTheContainerBesideItsLog(String transport) throws Exception {
    try (TestPod pod = TestPod.run(node)) {
      String container =
          pod.run(
              "talker",
              config ->
                  config
                      .setStdin(true)
                      .addAllCommand(
                          List.of("sh", "-c", "while read word; do echo heard $word; done")));
      try (Interactive client =
          Interactive.start(
              node.crictl().command("attach", "--transport", transport, "-i", container))) {
        client.type("one\n");
        client.await("heard one");
        pod.awaitLog("talker", log -> log.stdout().contains("heard one"));
      }
      try (Interactive again =
          Interactive.start(
              node.crictl().command("attach", "--transport", transport, "-i", container))) {
        again.type("two\n");
        String output = again.await("heard two");
        assertTrue(!output.contains("heard one"), "output from before is not repeated");
        pod.stop(container, Duration.ZERO);
        again.awaitEnd();
        assertEquals(0, again.exitCode());
      }
    }
  }

  @Test
  void execs_runByTheHundredAtOnce() {
    int count = 200;
    ExecutorService threads = Executors.newCachedThreadPool();
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("sleeper", "sleep", "1000");
      List<CompletableFuture<Command.Outcome>> outcomes = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        Command command =
            exec("spdy", "-i", container, "cat")
                .reading(("number " + i).getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .within(Duration.ofMinutes(3));
        outcomes.add(CompletableFuture.supplyAsync(command::run, threads));
      }
      for (int i = 0; i < count; i++) {
        assertEquals("number " + i, outcomes.get(i).join().orFail().stdout());
      }
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void execSync_brings16MiBOfEachStreamAndRunsToItsEnd() {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("sleeper", "sleep", "1000");

      ExecSyncResponse response =
          pod.exec(
              container,
              "sh",
              "-c",
              "head -c 20000000 /dev/zero; head -c 20000000 /dev/zero >&2; exit 3");

      assertEquals(16 << 20, response.getStdout().size());
      assertEquals(16 << 20, response.getStderr().size());
      assertEquals(3, response.getExitCode());
    }
  }

  @Test
  void requests_areChecked() {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.create("created", "sleep", "1000");

      assertTrue(node.crictl().refusal("exec", container, "true").contains("CONTAINER_CREATED"));
      assertTrue(node.crictl().refusal("attach", container).contains("CONTAINER_CREATED"));
      assertTrue(node.crictl().refusal("exec", "0123456789ab", "true").contains("0123456789ab"));
    }
  }
}
