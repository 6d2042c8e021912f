package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Docker;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Interactive;
import io.gantry.tests.tools.Web;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The command gantry and containers, against a real daemon. */
@Tag("root")
class CommandContainersIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @TempDir private Path directory;
  @RegisterExtension private final Docker gantry = node.command();

  private void start(String name) {
    gantry.out("run", "-d", "--network", "none", "--name", name, node.busybox(), "sleep", "1000");
  }

  @Test
  void run_hasTheProgramsStreamsAndExitCode() {
    Command.Outcome outcome =
        gantry.reading(
            "given\n",
            "run",
            "-i",
            "--rm",
            "--network",
            "none",
            node.busybox(),
            "sh",
            "-c",
            "cat; echo wrong >&2; exit 7");

    assertEquals("given\n", outcome.stdout());
    assertEquals("wrong\n", outcome.stderr());
    assertEquals(7, outcome.exitCode());
    assertEquals("", gantry.out("ps", "-aq"), "--rm leaves nothing");
    assertEquals(127, gantry.run("run", "--rm", node.busybox(), "no-such-program").exitCode());
    assertEquals(126, gantry.run("run", "--rm", node.busybox(), "/etc").exitCode());
    assertEquals(125, gantry.run("run", "--pull", "never", "nowhere/nothing:1").exitCode());
  }

  @Test
  void terminal_isTheUsersOwn() throws Exception {
    Path name = directory.resolve("terminal");
    try (Interactive shell =
        Interactive.inTerminal(
            gantry.standalone("run", "-it", "--rm", "--network", "none", node.busybox(), "sh"),
            name)) {
      // The command tells the size once the program runs.
      shell.type("until [ \"$(stty size)\" = '33 99' ]; do sleep 0.1; done; echo a''b\n");
      shell.await("ab");
      shell.type("exit 9\n");
      shell.awaitEnd();
      assertEquals(9, shell.exitCode());
    }
  }

  @Test
  void exec_runsBesideTheFirstProcess_alsoInATerminalThatCanBeLeft() throws Exception {
    start("host");

    assertEquals("/tmp", gantry.out("exec", "-w", "/tmp", "host", "pwd"));
    assertEquals(5, gantry.run("exec", "host", "sh", "-c", "exit 5").exitCode());
    assertEquals("in", gantry.reading("in", "exec", "-i", "host", "cat").orFail().stdout());
    try (Interactive shell =
        Interactive.inTerminal(
            gantry.standalone("exec", "-it", "host", "sh"), directory.resolve("terminal"))) {
      shell.type("tty; echo a''b\n");
      assertTrue(shell.await("ab").contains("/dev/pts/"));
      shell.type("\u0010\u0011"); // ctrl-p ctrl-q
      shell.awaitEnd();
    }
    assertTrue(gantry.out("top", "host").contains("sh"), "it runs on");
  }

  @Test
  void logs_areFollowedToTheContainersEnd() {
    gantry.out(
        "run",
        "-d",
        "--name",
        "talker",
        "--network",
        "none",
        node.busybox(),
        "sh",
        "-c",
        "echo one; sleep 1; echo two");

    assertEquals("one\ntwo", gantry.out("logs", "-f", "talker"));
    assertEquals("two", gantry.out("logs", "--tail", "1", "talker"));
  }

  @Test
  void files_areCopiedBothWays() throws IOException {
    start("box");
    Path file = Files.writeString(directory.resolve("file"), "copied\n");

    gantry.out("cp", file.toString(), "box:/tmp/in");
    gantry.out("cp", "box:/tmp/in", directory.resolve("out").toString());

    assertEquals("copied", gantry.out("exec", "box", "cat", "/tmp/in"));
    assertEquals("copied\n", Files.readString(directory.resolve("out")));
  }

  @Test
  void image_isBuiltAndRun() throws IOException {
    Files.writeString(directory.resolve("file"), "from the context\n");
    Files.writeString(
        directory.resolve("Dockerfile"),
        "FROM "
            + node.busybox()
            + "\nARG WHO\nCOPY file /\nRUN echo $WHO >> /file\nCMD [\"cat\", \"/file\"]\n");

    gantry.out(
        "build", "-q", "-t", "command.test/built:1", "--build-arg", "WHO=me", directory.toString());

    assertEquals(
        "from the context\nme",
        gantry.out("run", "--rm", "--network", "none", "command.test/built:1"));
    gantry.out("rmi", "command.test/built:1");
  }

  @Test
  void networksAndVolumes_areMadeUsedAndRemoved() {
    gantry.out("network", "create", "own");
    gantry.out("volume", "create", "kept");
    gantry.out(
        "run",
        "-d",
        "--name",
        "web",
        "--network",
        "own",
        "-p",
        "127.0.0.1::80",
        "-v",
        "kept:/www",
        node.busybox(),
        "sh",
        "-c",
        "echo hello > /www/index.html; exec httpd -f -p 80 -h /www");

    Eventually.get(
        "the page by its published port",
        SOON,
        () -> Web.get(URI.create("http://" + gantry.out("port", "web", "80"))),
        "hello\n"::equals);
    assertEquals(
        "hello",
        gantry.out(
            "run",
            "--rm",
            "--network",
            "own",
            node.busybox(),
            "wget",
            "-q",
            "-O",
            "-",
            "http://web/"));
    assertEquals(1, gantry.run("network", "rm", "own").exitCode(), "it is used");
    assertEquals(1, gantry.run("volume", "rm", "kept").exitCode(), "it is used");
    gantry.out("rm", "-f", "web");
    assertEquals("own", gantry.out("network", "rm", "own"));
    assertEquals("kept", gantry.out("volume", "rm", "kept"));
  }

  @Test
  void statistics_events_andUsage_areTold() {
    start("counted");

    assertTrue(gantry.out("stats", "--no-stream").contains("counted"));
    Eventually.get(
        "its events",
        SOON,
        () ->
            gantry
                .out(
                    "events",
                    "--since",
                    "10m",
                    "--until",
                    "0s",
                    "--filter",
                    "container=counted",
                    "--format",
                    "{{.Action}}")
                .replace('\n', ' '),
        "create start"::equals);
    assertTrue(gantry.out("system", "df").startsWith("TYPE "));
    gantry.out("kill", "counted");
    assertTrue(gantry.out("system", "prune", "-f").contains("Deleted Containers:"));
    assertEquals("", gantry.out("ps", "-aq"));
  }
}
