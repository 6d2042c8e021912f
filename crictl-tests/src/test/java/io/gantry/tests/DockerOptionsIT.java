package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Docker;
import io.gantry.tests.tools.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What the real docker command can ask of one container, and what the container has of it. */
@Tag("root")
class DockerOptionsIT {
  private static final Duration SOON = Duration.ofSeconds(60);

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  @TempDir private Path directory;
  @RegisterExtension private final Docker docker = node.docker();

  /** Runs a script with options; what it has written. */
  private String told(String script, String... options) {
    List<String> words = new ArrayList<>(List.of("run", "--rm", "--network", "none"));
    words.addAll(List.of(options));
    words.addAll(List.of(node.busybox(), "sh", "-c", script));
    return docker.out(words.toArray(String[]::new));
  }

  private void start(String name, String... options) {
    List<String> words = new ArrayList<>(List.of("run", "-d", "--network", "none", "--name", name));
    words.addAll(List.of(options));
    words.addAll(List.of(node.busybox(), "sleep", "1000"));
    docker.out(words.toArray(String[]::new));
  }

  @Test
  void firstProcess_isAnInitIfAskedFor() {
    assertEquals("1", told("echo $$"));
    assertTrue(Integer.parseInt(told("echo $$", "--init")) > 1);
  }

  @Test
  void mounts_areOfEveryKind() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "bound\n");
    docker.out("volume", "create", "kept");

    assertEquals(
        "bound", told("cat /f", "--mount", "type=bind,source=" + file + ",target=/f,readonly"));
    assertEquals(
        "read-only", told("echo x > /f 2>/dev/null || echo read-only", "-v", file + ":/f:ro"));
    assertEquals(
        "v", told("echo v > /v/f; cat /v/f", "--mount", "type=volume,source=kept,target=/v"));
    assertEquals("v", told("cat /v/f", "-v", "kept:/v"));
    assertTrue(
        told(
                "grep /t /proc/mounts",
                "--mount",
                "type=tmpfs,target=/t,tmpfs-size=2m,tmpfs-mode=1770")
            .contains("size=2048k"));
    docker.refuses(
        125,
        "bind source path does not exist",
        "run",
        "--mount",
        "type=bind,source=/no/such/file,target=/f",
        node.busybox(),
        "true");
  }

  @Test
  void environment_comesFromFilesAndLabelsToo() throws IOException {
    Path variables =
        Files.writeString(directory.resolve("env"), "# comment\nONE=1\nTWO=two words\n");
    Path labels = Files.writeString(directory.resolve("labels"), "from=file\n");

    assertEquals(
        "1 two words 3",
        told("echo $ONE $TWO $THREE", "--env-file", variables.toString(), "-e", "THREE=3"));
    start("labelled", "--label-file", labels.toString(), "--label", "by=hand");
    assertEquals(
        "hand file",
        docker.out("inspect", "-f", "{{.Config.Labels.by}} {{.Config.Labels.from}}", "labelled"));
  }

  @Test
  void entrypoint_user_workdir_andHostname_areReplaced() {
    assertEquals(
        "1000:33 /var box example",
        docker.out(
            "run",
            "--rm",
            "--network",
            "none",
            "--entrypoint",
            "sh",
            "--user",
            "1000:www-data",
            "--workdir",
            "/var",
            "--hostname",
            "box",
            "--domainname",
            "example",
            node.busybox(),
            "-c",
            "echo $(id -u):$(id -g) $(pwd) $(hostname) $(cat /proc/sys/kernel/domainname)"));
    docker.refuses(
        125, "nobody-knows", "run", "--rm", "--user", "nobody-knows", node.busybox(), "true");
  }

  @Test
  void names_areGivenAddressesAndServers() {
    String words =
        told(
            "cat /etc/hosts /etc/resolv.conf",
            "--add-host",
            "db:192.0.2.9",
            "--dns",
            "192.0.2.1",
            "--dns-search",
            "test.example",
            "--dns-option",
            "ndots:3");

    assertTrue(words.contains("192.0.2.9\tdb"), words);
    assertTrue(words.contains("nameserver 192.0.2.1"), words);
    assertTrue(words.contains("search test.example"), words);
    assertTrue(words.contains("options ndots:3"), words);
  }

  @Test
  void capabilities_areAddedAndDropped_andPrivilegedHasAll() {
    String effective = "awk '/CapEff/ {print $2}' /proc/self/status";

    assertEquals("0000000000000000", told(effective, "--cap-drop", "ALL"));
    assertEquals(
        "0000000000001000", told(effective, "--cap-drop", "ALL", "--cap-add", "NET_ADMIN"));
    assertEquals("00000000a80425fa", told(effective, "--cap-drop", "CAP_CHOWN"));
    assertTrue(told("ls /dev; " + effective, "--privileged").contains("kmsg"));
    docker.refuses(125, "NO_SUCH", "run", "--cap-add", "NO_SUCH", node.busybox(), "true");
  }

  @Test
  void security_optionsHold() {
    assertEquals(
        "NoNewPrivs:\t1",
        told("grep NoNewPrivs /proc/self/status", "--security-opt", "no-new-privileges"));
    assertEquals(
        "Seccomp:\t0",
        told("grep Seccomp: /proc/self/status", "--security-opt", "seccomp=unconfined"));
    assertEquals("Seccomp:\t2", told("grep Seccomp: /proc/self/status"));
    docker.refuses(125, "invalid", "run", "--security-opt", "colour=red", node.busybox(), "true");
  }

  @Test
  void devices_ulimits_sysctls_andShm_areAsAsked() {
    assertEquals("c", told("test -c /dev/mine && echo c", "--device", "/dev/null:/dev/mine:rw"));
    assertEquals("77", told("ulimit -n", "--ulimit", "nofile=77:88"));
    assertEquals("12345", told("cat /proc/sys/kernel/shmmax", "--sysctl", "kernel.shmmax=12345"));
    assertTrue(told("grep /dev/shm /proc/mounts", "--shm-size", "3m").contains("size=3072k"));
    docker.refuses(125, "/dev/nowhere", "run", "--device", "/dev/nowhere", node.busybox(), "true");
    docker.refuses(125, "sysctl", "run", "--sysctl", "vm.swappiness=1", node.busybox(), "true");
  }

  @Test
  void limits_areReadBack_andChangedWhileItRuns() {
    start("limited", "--memory", "64m", "--cpus", "0.25", "--pids-limit", "33");

    assertEquals(
        "67108864 250000000 33",
        docker.out(
            "inspect",
            "-f",
            "{{.HostConfig.Memory}} {{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}",
            "limited"));
    docker.out("update", "--pids-limit", "44", "--cpus", "0.5", "limited");
    assertEquals(
        "500000000 44",
        docker.out(
            "inspect", "-f", "{{.HostConfig.NanoCpus}} {{.HostConfig.PidsLimit}}", "limited"));
    docker.out("update", "--restart", "on-failure:3", "limited");
    assertEquals(
        "on-failure 3",
        docker.out(
            "inspect",
            "-f",
            "{{.HostConfig.RestartPolicy.Name}} {{.HostConfig.RestartPolicy.MaximumRetryCount}}",
            "limited"));
    docker.refuses(1, "No such container: nobody", "update", "--memory", "64m", "nobody");
  }

  @Test
  void stop_usesItsSignalAndItsTime() {
    String script = "trap 'echo usr1; exit 3' USR1; while true; do sleep 0.1; done";
    docker.out(
        "run",
        "-d",
        "--name",
        "polite",
        "--network",
        "none",
        "--stop-signal",
        "USR1",
        "--stop-timeout",
        "60",
        node.busybox(),
        "sh",
        "-c",
        "echo up; " + script);
    Eventually.get("it is up", SOON, () -> docker.out("logs", "polite"), "up"::equals);

    docker.out("stop", "polite");

    assertEquals("3", docker.out("inspect", "-f", "{{.State.ExitCode}}", "polite"));
    assertEquals("up\nusr1", docker.out("logs", "polite"));
    start("stubborn", "--stop-timeout", "0");
    docker.out("stop", "stubborn");
    assertEquals("137", docker.out("inspect", "-f", "{{.State.ExitCode}}", "stubborn"));
    start("signalled");
    docker.out("kill", "-s", "TERM", "signalled");
    docker.out("kill", "--signal", "KILL", "signalled");
    assertEquals("137", docker.out("wait", "signalled"));
    docker.refuses(1, "invalid signal", "kill", "-s", "NONSENSE", "stubborn");
  }

  @Test
  void container_isLookedAtFromOutside() {
    start("seen");
    docker.out("exec", "seen", "sh", "-c", "rm /usr/bin/cal; mkdir /made");

    assertEquals(
        "A /made\nC /usr\nC /usr/bin\nD /usr/bin/cal",
        String.join("\n", docker.out("diff", "seen").lines().sorted().toList()));
    assertTrue(docker.out("top", "seen", "-o", "pid,args").contains("sleep 1000"));
    assertEquals("seen", docker.out("stats", "--no-stream", "--format", "{{.Name}}", "seen"));
    assertEquals("seen", docker.out("pause", "seen"));
    assertEquals(
        "seen Up (Paused)",
        docker.out("ps", "--format", "{{.Names}} {{.Status}}").replaceAll("Up .*\\(", "Up ("));
    assertEquals("seen", docker.out("unpause", "seen"));
    assertEquals("", docker.out("port", "seen"));
    assertEquals("", docker.out("rename", "seen", "known"));
    assertEquals(
        "known", docker.out("ps", "-a", "--filter", "name=^/known$", "--format", "{{.Names}}"));
    docker.refuses(1, "is not paused", "unpause", "known");
    docker.refuses(1, "No such container: seen", "top", "seen");
    docker.refuses(1, "No such container: seen", "diff", "seen");
    docker.refuses(1, "No such container: seen", "port", "seen");
    docker.refuses(1, "No such container: seen", "wait", "seen");
    docker.out("restart", "-t", "0", "known");
    assertEquals("true", docker.out("inspect", "-f", "{{.State.Running}}", "known"));
  }

  @Test
  void ports_areOfBothProtocols_andChosenWhereNoneIsAskedFor() {
    docker.out(
        "run",
        "-d",
        "--name",
        "both",
        "-p",
        "127.0.0.1::53/udp",
        "-p",
        "127.0.0.1::53",
        node.busybox(),
        "sleep",
        "1000");

    assertTrue(docker.out("port", "both", "53/udp").matches("127\\.0\\.0\\.1:\\d+"));
    assertEquals(2, docker.out("port", "both").lines().count());
    docker.refuses(1, "No public port '54", "port", "both", "54");
  }

  @Test
  void platform_isTheMachinesOrRefused() {
    String own = docker.out("version", "--format", "{{.Server.Os}}/{{.Server.Arch}}");

    assertEquals("x", told("echo x", "--platform", own));
    docker.refuses(
        125, "linux/riscv64", "run", "--platform", "linux/riscv64", node.busybox(), "true");
  }
}
