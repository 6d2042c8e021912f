package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.v1.AttachStart;
import io.gantry.proto.v1.ExecStart;
import io.gantry.proto.v1.KillRequest;
import io.gantry.proto.v1.PauseRequest;
import io.gantry.proto.v1.ProcessRow;
import io.gantry.proto.v1.ProcessesRequest;
import io.gantry.proto.v1.ProcessesResponse;
import io.gantry.proto.v1.TerminalSize;
import io.gantry.proto.v1.UnpauseRequest;
import io.gantry.proto.v1.WaitRequest;
import io.gantry.proto.v1.WaitResponse;
import io.gantry.tests.cri.ExtensionClient;
import io.gantry.tests.cri.ProcessTalk;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Eventually;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.function.Executable;

/** What gantry.v1 does with containers' processes, and what annotations ask for. */
@Tag("root")
class ContainerControlIT {
  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final Duration SOON = Duration.ofSeconds(30);

  private static final Consumer<ContainerConfig.Builder> SLEEPS =
      config -> config.addAllCommand(List.of("sleep", "10000"));

  private static TestPod pod;
  private static String web;
  private static ExtensionClient client;

  @BeforeAll
  static void runContainer() {
    assumeTrue(TestNode.isGantry(), "the API is gantry's");
    client = ExtensionClient.of(node.cri());
    pod =
        TestPod.run(
            node,
            config ->
                config
                    .putAnnotations("gantry.io/network", "none")
                    .putAnnotations("gantry.io/shm-size", Integer.toString(8 << 20)));
    web = pod.run("web", SLEEPS);
  }

  @AfterAll
  static void removePod() {
    if (pod != null) {
      pod.close();
    }
  }

  @Test
  void exec_passesStreamsBothWays() {
    ProcessTalk talk =
        ProcessTalk.exec(
            client,
            exec("sh", "-c", "read a; echo got $a; echo bad >&2; cat; exit 3")
                .setStdin(true)
                .build());
    assertTrue(talk.pid() > 0);
    talk.stdin("one\n");
    talk.awaitStdout("got one\n");
    talk.stdin("two");
    talk.endStdin();
    assertEquals(3, talk.exitCode());
    assertEquals("got one\ntwo", talk.stdout());
    assertEquals("bad\n", talk.stderr());
    assertEquals(Status.Code.OK, talk.status().getCode());
  }

  @Test
  void exec_isAsWhomWhereAndWithWhatItIsAsked() {
    ProcessTalk talk =
        ProcessTalk.exec(
            client,
            exec("sh", "-c", "id -u; id -g; pwd; echo $EXTRA; grep CapBnd /proc/self/status")
                .setUser("1234:5678")
                .setWorkingDirectory("/tmp")
                .addEnvironment("EXTRA=a=b")
                .setPrivileged(true)
                .build());
    assertEquals(0, talk.exitCode(), talk::stderr);
    List<String> lines = talk.stdout().lines().toList();
    assertEquals(List.of("1234", "5678", "/tmp", "a=b"), lines.subList(0, 4));
    String plain = pod.execOutput(web, "grep", "CapBnd", "/proc/self/status");
    assertFalse(plain.contains(lines.get(4)), () -> lines + " is no more than " + plain);
  }

  @Test
  void exec_hasATerminalOfTheSizeAskedFor() {
    ProcessTalk talk =
        ProcessTalk.exec(
            client,
            exec("sh", "-c", "read go; stty size; read again; stty size")
                .setTerminal(true)
                .setStdin(true)
                .setSize(TerminalSize.newBuilder().setWidth(100).setHeight(30))
                .build());
    talk.pid();
    talk.stdin("go\n");
    talk.awaitStdout("30 100");
    talk.resize(90, 20);
    talk.stdin("again\n");
    talk.awaitStdout("20 90");
    assertEquals(0, talk.exitCode());
  }

  @Test
  void exec_endsWithItsCallerUnlessItIsDetached() {
    ProcessTalk bound = ProcessTalk.exec(client, exec("sleep", "5001").build());
    ProcessTalk detached =
        ProcessTalk.exec(client, exec("sleep", "5002").setDetached(true).build());
    Path boundProcess = Path.of("/proc/" + bound.pid());
    Path detachedProcess = Path.of("/proc/" + detached.pid());
    detached.leave();
    bound.leave();
    Eventually.holds("the bound one ends", SOON, () -> assertFalse(Files.exists(boundProcess)));
    assertTrue(Files.exists(detachedProcess));
    ProcessHandle.of(detached.pid()).orElseThrow().destroyForcibly();
    Eventually.holds("the other one, too", SOON, () -> assertFalse(Files.exists(detachedProcess)));
  }

  @Test
  void exec_ofWhatCannotBe_saysWhy() {
    refused("INVALID_ARGUMENT", "no command", ExecStart.newBuilder().setContainerId(web));
    refused("NOT_FOUND", "none", exec("true").setContainerId("none"));
    refused("INVALID_ARGUMENT", "nobody-here", exec("true").setUser("nobody-here"));
    refused("INVALID_ARGUMENT", "relative", exec("true").setWorkingDirectory("relative"));
    ProcessTalk missing = ProcessTalk.exec(client, exec("/bin/none").build());
    assertTrue(missing.status().getDescription().contains("/bin/none"), missing.status()::toString);
    String created = pod.create("created", SLEEPS);
    refused("FAILED_PRECONDITION", "CREATED", exec("true").setContainerId(created));
    pod.remove(created);
  }

  private static void refused(String code, String words, ExecStart.Builder start) {
    Status status = ProcessTalk.exec(client, start.build()).status();
    assertEquals(code, status.getCode().name(), status::toString);
    assertTrue(status.getDescription().contains(words), status::toString);
  }

  @Test
  void attachBeforeTheStart_losesNothingHoweverSlowItReads() {
    String container =
        pod.create(
            "talker",
            config ->
                config
                    .setStdin(true)
                    .setStdinOnce(true)
                    .putAnnotations("gantry.io/stdin-attached", "true")
                    .addAllCommand(
                        List.of("sh", "-c", "read a; echo $a; head -c 3000000 /dev/zero; exit 5")));
    ProcessTalk talk =
        ProcessTalk.attach(
            client,
            AttachStart.newBuilder()
                .setContainerId(container)
                .setStdin(true)
                .setStdout(true)
                .setStderr(true)
                .build());
    assertEquals(0, talk.pid());
    talk.stdin("early\n");
    CompletableFuture<WaitResponse> end =
        CompletableFuture.supplyAsync(() -> client.containers().wait(waitFor(container)));
    pod.start(container);
    assertEquals(5, talk.exitCode());
    assertEquals(6 + 3_000_000, talk.stdoutBytes());
    assertEquals("early\n", talk.stdout().substring(0, 6));
    WaitResponse waited = end.join();
    assertEquals(5, waited.getExitCode());
    assertEquals(pod.status(container).getFinishedAt(), waited.getFinishedAtNanos());
    assertEquals("Error", waited.getReason());
    assertEquals(waited, client.containers().wait(waitFor(container)));
    pod.remove(container);
    fails("NOT_FOUND", container, () -> client.containers().wait(waitFor(container)));
  }

  @Test
  void kill_sendsTheSignalByAnyOfItsNames() {
    String container =
        pod.run(
            "trap",
            config ->
                config.addAllCommand(
                    List.of("sh", "-c", "trap 'echo usr1' USR1; while :; do sleep 0.1; done")));
    for (String name : List.of("SIGUSR1", "usr1", "10")) {
      client.containers().kill(killing(container, name));
    }
    pod.awaitLog("trap", log -> log.stdout().contains("usr1"));
    fails(
        "INVALID_ARGUMENT",
        "SIGNONE",
        () -> client.containers().kill(killing(container, "SIGNONE")));
    client.containers().kill(killing(container, "KILL"));
    assertEquals(137, client.containers().wait(waitFor(container)).getExitCode());
    fails(
        "FAILED_PRECONDITION",
        "EXITED",
        () -> client.containers().kill(killing(container, "KILL")));
    pod.remove(container);
  }

  @Test
  void pause_standsStillOverADaemonsEndAndUntilTheStop() {
    String container =
        pod.run(
            "ticks",
            config ->
                config.addAllCommand(
                    List.of(
                        "sh", "-c", "trap 'exit 7' TERM; while :; do echo x; sleep 0.05; done")));
    pod.awaitLog("ticks", log -> !log.stdout().isEmpty());
    client.containers().pause(pausing(container));
    fails(
        "FAILED_PRECONDITION",
        "paused already",
        () -> client.containers().pause(pausing(container)));
    node.runtime().kill();
    node.startAgain();
    fails(
        "FAILED_PRECONDITION",
        "paused already",
        () -> client.containers().pause(pausing(container)));
    int before = pod.log("ticks").stdout().length();
    refused("FAILED_PRECONDITION", "paused", exec("true").setContainerId(container));
    assertEquals(before, pod.log("ticks").stdout().length());

    client.containers().unpause(unpausing(container));
    fails(
        "FAILED_PRECONDITION",
        "not paused",
        () -> client.containers().unpause(unpausing(container)));
    pod.awaitLog("ticks", log -> log.stdout().length() > before);

    client.containers().pause(pausing(container));
    pod.stop(container, SOON);
    assertEquals(7, pod.status(container).getExitCode(), "it heard the stop signal");
    pod.remove(container);
  }

  @Test
  void kill_endsWhatIsPaused() {
    String container = pod.run("frozen", SLEEPS);
    client.containers().pause(pausing(container));
    client.containers().kill(killing(container, "9"));
    assertEquals(137, client.containers().wait(waitFor(container)).getExitCode());
    assertEquals(ContainerState.CONTAINER_EXITED, pod.status(container).getState());
    pod.remove(container);
  }

  @Test
  void processes_areThoseThatPsSeesOfTheContainer() {
    ProcessesResponse all = client.containers().processes(listing("").build());
    assertTrue(all.getTitlesList().containsAll(List.of("UID", "PID", "CMD")), all::toString);
    int pid = all.getTitlesList().indexOf("PID");
    List<String> pids = all.getRowsList().stream().map(row -> row.getCells(pid)).toList();
    assertTrue(pids.contains(Long.toString(pod.pid(web))), pids::toString);
    assertFalse(pids.contains("1"), pids::toString);
    ProcessesResponse some = client.containers().processes(listing("-eo pid,args").build());
    assertEquals(List.of("PID", "COMMAND"), some.getTitlesList());
    ProcessRow first =
        some.getRowsList().stream()
            .filter(row -> row.getCells(0).equals(Long.toString(pod.pid(web))))
            .findFirst()
            .orElseThrow();
    assertEquals("sleep 10000", first.getCells(1));
    fails(
        "INVALID_ARGUMENT",
        "PID",
        () -> client.containers().processes(listing("-eo args").build()));
    fails(
        "INVALID_ARGUMENT",
        "ps ",
        () -> client.containers().processes(listing("--no-such-option").build()));
  }

  @Test
  void annotations_giveScratchLimitsAndSharedMemory() {
    String said =
        pod.output(
            "annotated",
            config ->
                config
                    .putAnnotations("gantry.io/tmpfs", "{\"/scratch\": \"size=1m,mode=1777\"}")
                    .putAnnotations(
                        "gantry.io/ulimits", "[{\"name\":\"nofile\",\"soft\":77,\"hard\":99}]"),
            "grep ' /scratch ' /proc/mounts; ulimit -Sn; ulimit -Hn;"
                + " grep ' /dev/shm ' /proc/mounts; ls /sys/class/net");
    List<String> lines = said.lines().toList();
    assertTrue(lines.get(0).startsWith("tmpfs /scratch tmpfs rw,nosuid,nodev,noexec"), said);
    assertTrue(lines.get(0).contains("size=1024k"), said);
    assertEquals(List.of("77", "99"), lines.subList(1, 3), said);
    assertTrue(lines.get(3).contains("size=8192k"), said);
    assertEquals(List.of("lo"), lines.subList(4, lines.size()), said);
  }

  @Test
  void annotations_thatSayNothing_areRefused() {
    fails(
        "INVALID_ARGUMENT",
        "gantry.io/tmpfs",
        () -> pod.create("bad", config -> config.putAnnotations("gantry.io/tmpfs", "/scratch")));
    fails(
        "INVALID_ARGUMENT",
        "gantry.io/shm-size",
        () -> TestPod.run(node, config -> config.putAnnotations("gantry.io/shm-size", "64m")));
  }

  private static void fails(String code, String words, Executable work) {
    StatusRuntimeException failure = assertThrows(StatusRuntimeException.class, work);
    assertEquals(code, failure.getStatus().getCode().name(), failure::toString);
    assertTrue(failure.getStatus().getDescription().contains(words), failure::toString);
  }

  private static ExecStart.Builder exec(String... command) {
    return ExecStart.newBuilder()
        .setContainerId(web)
        .addAllCommand(List.of(command))
        .setStdout(true)
        .setStderr(true);
  }

  private static ProcessesRequest.Builder listing(String arguments) {
    return ProcessesRequest.newBuilder().setContainerId(web).setPsArguments(arguments);
  }

  private static WaitRequest waitFor(String container) {
    return WaitRequest.newBuilder().setContainerId(container).build();
  }

  private static KillRequest killing(String container, String signal) {
    return KillRequest.newBuilder().setContainerId(container).setSignal(signal).build();
  }

  private static PauseRequest pausing(String container) {
    return PauseRequest.newBuilder().setContainerId(container).build();
  }

  private static UnpauseRequest unpausing(String container) {
    return UnpauseRequest.newBuilder().setContainerId(container).build();
  }
}
