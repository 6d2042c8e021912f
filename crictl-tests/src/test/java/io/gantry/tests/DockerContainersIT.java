package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Docker;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Interactive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Containers by the real docker command: what it writes and what it exits with. */
@Tag("root")
class DockerContainersIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @RegisterExtension private final Docker docker = node.docker();
  private final String image = node.busybox();

  private Command.Outcome runs(String... arguments) {
    String[] all = new String[arguments.length + 3];
    all[0] = "run";
    all[1] = "--network";
    all[2] = "none";
    System.arraycopy(arguments, 0, all, 3, arguments.length);
    return docker.run(all);
  }

  private String inspect(String name, String format) {
    return docker.out("inspect", "-f", format, name);
  }

  @Test
  void version_tellsBothSides() {
    String words = docker.out("version");

    assertTrue(words.contains("Client:") && words.contains("Server: gantry"), words);
    assertEquals(
        "1.24", docker.out("version", "--format", "{{.Server.MinAPIVersion}}"), "oldest API");
    assertEquals("linux", docker.out("info", "--format", "{{.OSType}}"));
  }

  @Test
  void run_showsOutputAndExitsAsTheProgram() {
    Command.Outcome outcome = runs("--rm", image, "sh", "-c", "echo out; echo err >&2; exit 7");

    assertEquals("out\n", outcome.stdout());
    assertEquals("err\n", outcome.stderr());
    assertEquals(7, outcome.exitCode());
    assertEquals("", docker.out("ps", "-aq"), "--rm leaves nothing");
  }

  @Test
  void run_passesStandardInput() {
    Command.Outcome outcome =
        docker.reading("one\ntwo\n", "run", "--rm", "-i", "--network", "none", image, "cat");

    assertEquals("one\ntwo\n", outcome.stdout());
    assertEquals(0, outcome.exitCode());
  }

  @Test
  void run_exitsAsShellsDoWhenNothingCouldBeRun() {
    assertEquals(127, runs("--rm", image, "no-such-program").exitCode());
    assertEquals(126, runs("--rm", image, "/etc").exitCode());
    Command.Outcome noImage = docker.run("run", "--pull", "never", "nowhere/nothing:1", "true");
    assertEquals(125, noImage.exitCode());
    assertTrue(noImage.stderr().contains("No such image: nowhere/nothing:1"), noImage::toString);
    assertEquals(125, docker.run("run", "--no-such-flag", image).exitCode());
  }

  @Test
  void run_refusesWhatItDoesNotSupport() {
    assertRefused("--blkio-weight", runs("--blkio-weight", "100", image, "true"));
    assertRefused("--memory-reservation", runs("--memory-reservation", "8m", image, "true"));
    assertRefused("--userns", runs("--userns", "nobody", image, "true"));
    assertRefused("--ipc", runs("--ipc", "none", image, "true"));
    assertRefused("'syslog'", runs("--log-driver", "syslog", image, "true"));
    assertRefused("unknown log opt", runs("--log-opt", "colour=red", image, "true"));
    assertRefused("Minimum memory limit", runs("--memory", "1k", image, "true"));
    assertRefused("linux/riscv64", runs("--platform", "linux/riscv64", image, "true"));
    assertRefused("Duplicate mount point", runs("-v", "/tmp:/x", "-v", "/var:/x", image, "true"));
    assertEquals("", docker.out("ps", "-aq"), "nothing half-made is left");
  }

  private static void assertRefused(String words, Command.Outcome outcome) {
    assertEquals(125, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.stderr().contains(words), outcome::toString);
  }

  @Test
  void run_keepsItsOptions() {
    Command.Outcome outcome =
        runs(
            "--rm",
            "--init",
            "--read-only",
            "--tmpfs",
            "/scratch:size=1m",
            "--hostname",
            "box",
            "--memory",
            "64m",
            "--cpus",
            "0.5",
            "--pids-limit",
            "40",
            "--ulimit",
            "nofile=123:456",
            "--add-host",
            "db:10.9.8.7",
            "--dns",
            "10.1.1.1",
            "-e",
            "GREETING=hello",
            "--workdir",
            "/tmp",
            "--user",
            "1000:1001",
            "--cap-drop",
            "ALL",
            "--security-opt",
            "no-new-privileges",
            "--shm-size",
            "8m",
            image,
            "sh",
            "-c",
            "hostname; ulimit -n; pwd; id -u; id -g; echo $GREETING; cat /etc/hosts"
                + " /etc/resolv.conf; grep -E 'CapEff|NoNewPrivs' /proc/self/status; grep -E"
                + " 'scratch|shm' /proc/mounts; touch /x 2>&1");
    String words = outcome.stdout();

    assertTrue(words.startsWith("box\n123\n/tmp\n1000\n1001\nhello\n"), outcome::toString);
    assertTrue(words.contains("10.9.8.7\tdb"), words);
    assertTrue(words.contains("nameserver 10.1.1.1"), words);
    assertTrue(words.contains("CapEff:\t0000000000000000"), words);
    assertTrue(words.contains("NoNewPrivs:\t1"), words);
    assertTrue(words.contains("size=1024k") && words.contains("size=8192k"), words);
    assertTrue(words.contains("Read-only file system"), words);
  }

  @Test
  void container_livesFromCreateToRm() {
    String id = docker.out("create", "--name", "life", "--network", "none", image, "sleep", "999");
    assertEquals(64, id.length());
    assertEquals("created", inspect("life", "{{.State.Status}}"));
    assertEquals("life", docker.out("start", "life"));
    assertEquals("true", inspect(id.substring(0, 12), "{{.State.Running}}"));
    assertEquals("life", docker.out("ps", "--format", "{{.Names}}", "--filter", "name=life"));
    assertEquals(1, docker.run("rm", "life").exitCode(), "it runs");
    assertEquals("life", docker.out("pause", "life"));
    assertEquals("paused", inspect("life", "{{.State.Status}}"));
    assertEquals(1, docker.run("exec", "life", "true").exitCode(), "it is paused");
    docker.out("unpause", "life");
    docker.out("rename", "life", "other");
    assertEquals(1, docker.run("inspect", "life").exitCode());
    docker.out("update", "--memory", "100m", "--memory-swap", "200m", "other");
    assertEquals("104857600", inspect("other", "{{.HostConfig.Memory}}"));
    assertTrue(docker.out("top", "other").contains("sleep 999"));
    docker.out("stop", "-t", "1", "other");
    assertEquals("137", inspect("other", "{{.State.ExitCode}}"));
    docker.out("restart", "-t", "1", "other");
    assertEquals("true", inspect("other", "{{.State.Running}}"));
    docker.out("kill", "other");
    assertEquals("137", docker.out("wait", "other"));
    Command.Outcome again = docker.run("kill", "other");
    assertTrue(again.stderr().contains("is not running"), again::toString);
    assertEquals("other", docker.out("rm", "other"));
    assertEquals(1, docker.run("rm", "other").exitCode());
  }

  @Test
  void name_isOneContainersOnly() {
    docker.out("create", "--name", "taken", "--network", "none", image, "true");

    Command.Outcome second = runs("--name", "taken", image, "true");

    assertEquals(125, second.exitCode());
    assertTrue(second.stderr().contains("name \"/taken\" is already in use"), second::toString);
    assertEquals(125, runs("--name", "not a name", image, "true").exitCode());
  }

  @Test
  void logs_areAsAskedFor() {
    runs("--name", "talker", image, "sh", "-c", "echo one; echo two >&2; sleep 1; echo three");

    assertEquals("one\nthree\n", docker.run("logs", "talker").orFail().stdout());
    assertEquals("two\n", docker.run("logs", "talker").orFail().stderr());
    assertEquals("three", docker.out("logs", "--tail", "1", "talker"));
    assertTrue(
        docker
            .out("logs", "-t", "--tail", "1", "talker")
            .matches("\\d{4}-\\d\\d-\\d\\dT.*Z three"));
    assertEquals("", docker.out("logs", "--since", "2100-01-01T00:00:00Z", "talker"));
    assertEquals(
        "one\nthree", docker.out("logs", "-f", "talker"), "follow ends with the container");
    assertEquals(1, docker.run("logs", "nobody").exitCode());
  }

  @Test
  void logs_areTurnedOverWhenTheyGrow() throws IOException {
    runs(
        "-d",
        "--name",
        "chatty",
        "--log-opt",
        "max-size=20k",
        "--log-opt",
        "max-file=2",
        image,
        "sh",
        "-c",
        "while true; do echo 0123456789012345678901234567890123456789; sleep 0.001; done");
    Path log = Path.of(inspect("chatty", "{{.LogPath}}"));

    Eventually.holds(
        "an older file",
        SOON,
        () -> assertTrue(Files.exists(log.resolveSibling(log.getFileName() + ".1"))));

    assertFalse(Files.exists(log.resolveSibling(log.getFileName() + ".2")));
    assertTrue(docker.out("logs", "--tail", "3", "chatty").lines().count() <= 3);
    runs("--log-driver", "none", "--name", "mute", image, "echo", "x").orFail();
    assertEquals(1, docker.run("logs", "mute").exitCode());
  }

  @Test
  void exec_runsBesideTheFirstProcess() {
    runs("-d", "--name", "host", "-e", "WHO=me", image, "sleep", "999").orFail();

    assertEquals("me", docker.out("exec", "host", "sh", "-c", "echo $WHO"));
    assertEquals("you", docker.out("exec", "-e", "WHO=you", "host", "sh", "-c", "echo $WHO"));
    assertEquals("/tmp", docker.out("exec", "-w", "/tmp", "host", "pwd"));
    assertEquals("42", docker.out("exec", "-u", "42", "host", "id", "-u"));
    assertEquals(5, docker.run("exec", "host", "sh", "-c", "exit 5").exitCode());
    assertEquals(127, docker.run("exec", "host", "no-such-program").exitCode());
    assertEquals("in", docker.reading("in", "exec", "-i", "host", "cat").orFail().stdout());
    docker.out("exec", "-d", "host", "touch", "/made");
    Eventually.holds(
        "what -d has made", SOON, () -> docker.out("exec", "host", "test", "-e", "/made"));
    assertEquals(1, docker.run("exec", "nobody", "true").exitCode());
  }

  @Test
  void terminal_isTheUsersOwn() throws Exception {
    Path name = node.directory().path().resolve("terminal");
    try (Interactive shell =
        Interactive.inTerminal(
            docker.standalone("run", "-it", "--rm", "--network", "none", image, "sh"), name)) {
      // The command tells the size once the program runs.
      shell.type("until [ \"$(stty size)\" = '33 99' ]; do sleep 0.1; done; echo a''b\n");
      shell.await("ab");
      shell.type("exit 9\n");
      shell.awaitEnd();
      assertEquals(9, shell.exitCode());
    }
  }

  @Test
  void terminal_ofExecCanBeLeft() throws Exception {
    runs("-d", "--name", "host", image, "sleep", "999").orFail();
    Path name = node.directory().path().resolve("terminal");
    try (Interactive shell =
        Interactive.inTerminal(docker.standalone("exec", "-it", "host", "sh"), name)) {
      shell.type("tty; echo a''b\n");
      assertTrue(shell.await("ab").contains("/dev/pts/"));
      shell.type("\u0010\u0011"); // ctrl-p ctrl-q
      shell.awaitEnd();
    }
    assertTrue(docker.out("top", "host").contains("sh"), "it runs on");
  }

  @Test
  void restartPolicy_startsAgainWhatFailed() {
    runs("-d", "--name", "flaky", "--restart", "on-failure:2", image, "sh", "-c", "exit 4");

    Eventually.holds(
        "two restarts, then the end",
        SOON,
        () ->
            assertEquals(
                "2 exited 4",
                inspect("flaky", "{{.RestartCount}} {{.State.Status}} {{.State.ExitCode}}")));

    assertEquals(125, runs("--rm", "--restart", "always", image, "true").exitCode());
  }

  @Test
  void daemon_mayDieUnderContainers() {
    runs("-d", "--name", "steady", "--restart", "always", image, "sleep", "999").orFail();
    runs("-d", "--name", "halted", "--restart", "unless-stopped", image, "sleep", "999").orFail();
    runs("-d", "--name", "brief", "--rm", image, "sleep", "1").orFail();
    docker.out("stop", "-t", "0", "halted");
    String pid = inspect("steady", "{{.State.Pid}}");

    node.runtime().kill();
    node.startAgain();

    assertEquals(pid, inspect("steady", "{{.State.Pid}}"), "it did not notice");
    Eventually.holds(
        "--rm holds, and what was stopped stays so",
        SOON,
        () ->
            assertEquals(
                "halted exited\nsteady running",
                docker
                    .out("ps", "-a", "--format", "{{.Names}} {{.State}}")
                    .lines()
                    .sorted()
                    .collect(java.util.stream.Collectors.joining("\n"))));
    assertEquals("", docker.out("exec", "steady", "true"));
  }

  @Test
  void health_isWhatItsCommandSays() {
    runs(
        "-d",
        "--name",
        "patient",
        "--health-cmd",
        "test -e /well",
        "--health-interval",
        "300ms",
        "--health-retries",
        "2",
        image,
        "sleep",
        "999");

    Eventually.holds(
        "unhealthy",
        SOON,
        () -> assertEquals("unhealthy", inspect("patient", "{{.State.Health.Status}}")));
    docker.out("exec", "patient", "touch", "/well");
    Eventually.holds(
        "healthy",
        SOON,
        () -> assertEquals("healthy", inspect("patient", "{{.State.Health.Status}}")));
  }

  @Test
  void events_tellWhatHappened() {
    runs("--rm", "--name", "seen", image, "true").orFail();

    // The command asks up to the second that has begun.
    Eventually.holds(
        "all that happened",
        SOON,
        () ->
            assertEquals(
                "create attach start die destroy",
                docker
                    .out(
                        "events",
                        "--since",
                        "10m",
                        "--until",
                        "0s",
                        "--filter",
                        "container=seen",
                        "--format",
                        "{{.Action}}")
                    .replace('\n', ' ')));
  }

  @Test
  void listing_isNarrowedByFilters() {
    runs("--name", "red", "--label", "colour=red", image, "true");
    runs("--name", "blue", "--label", "colour=blue", image, "false");

    assertEquals("red", names("label=colour=red"));
    assertEquals("blue", names("exited=1"));
    assertEquals("blue", names("since=red"));
    assertEquals("red", names("before=blue"));
    assertEquals("", names("status=running"));
    assertEquals(1, docker.run("ps", "--filter", "status=sleepy").exitCode());
    assertTrue(
        docker
            .out("container", "prune", "-f", "--filter", "label=colour=red")
            .contains("Deleted Containers:"));
    assertEquals("blue", docker.out("ps", "-a", "--format", "{{.Names}}"));
  }

  private String names(String filter) {
    return docker.out("ps", "-a", "--format", "{{.Names}}", "--filter", filter);
  }

  @Test
  void network_mayBeAnotherContainersOrTheHosts() {
    runs("-d", "--name", "first", image, "sleep", "999").orFail();

    assertEquals(
        docker.out("exec", "first", "readlink", "/proc/self/ns/net"),
        docker.out(
            "run", "--rm", "--network", "container:first", image, "readlink", "/proc/self/ns/net"));
    assertEquals(
        Command.of("readlink", "/proc/self/ns/net").run().stdout().strip(),
        docker.out("run", "--rm", "--network", "host", image, "readlink", "/proc/self/ns/net"));
  }

  @Test
  void stats_countMemoryAndTasks() {
    runs("-d", "--name", "counted", "--memory", "64m", image, "sleep", "999").orFail();

    Eventually.holds(
        "numbers",
        SOON,
        () -> {
          String row =
              docker.out(
                  "stats",
                  "--no-stream",
                  "--format",
                  "{{.Name}} {{.PIDs}} {{.MemUsage}}",
                  "counted");
          assertTrue(row.startsWith("counted 1 ") && row.endsWith("64MiB"), row);
        });
  }

  @Test
  void whatIsNotThere_isSaidNotToBe() {
    assertEquals(1, docker.run("node", "ls").exitCode(), "there is no swarm");
    assertEquals(1, docker.run("swarm", "init").exitCode());
    assertEquals(0, docker.run("plugin", "ls").exitCode());
    assertEquals(0, docker.run("system", "df").exitCode());
  }
}
