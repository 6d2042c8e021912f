package io.gantry.runtime.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import io.gantry.proto.shim.v1.CriuOptions;
import io.gantry.proto.shim.v1.ReopenLogRequest;
import io.gantry.proto.task.v3.CheckpointTaskRequest;
import io.gantry.proto.task.v3.ConnectRequest;
import io.gantry.proto.task.v3.ConnectResponse;
import io.gantry.proto.task.v3.KillRequest;
import io.gantry.proto.task.v3.PauseRequest;
import io.gantry.proto.task.v3.PidsRequest;
import io.gantry.proto.task.v3.PidsResponse;
import io.gantry.proto.task.v3.ResumeRequest;
import io.gantry.proto.task.v3.StatsRequest;
import io.gantry.proto.task.v3.StatsResponse;
import io.gantry.proto.task.v3.WaitResponse;
import io.gantry.proto.tasktypes.Status;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real shim process, real containers, and the Task API between them and the test. */
@Tag("root")
@Timeout(90)
class ShimRootTest {
  private static final int SIGKILL = 9;
  private static final int SIGTERM = 15;

  @TempDir Path directory;
  private ShimUnderTest shim;
  private int containers;

  @BeforeEach
  void startShim() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "needs busybox-static");
    shim = ShimUnderTest.start(directory, Optional.empty());
  }

  @AfterEach
  void endShim() throws Exception {
    if (shim != null) {
      shim.close();
      assertFalse(Files.exists(shim.socket), "the socket stays");
      assertEquals(List.of(), leftCgroups());
    }
  }

  private List<Path> leftCgroups() throws IOException {
    List<Path> left = new ArrayList<>();
    Files.walkFileTree(
        Path.of("/sys/fs/cgroup"),
        Set.of(),
        4,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path cgroup, BasicFileAttributes attributes) {
            if (isOwn(cgroup)) {
              left.add(cgroup);
            }
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path cgroup, IOException gone) {
            // Others' cgroups come and go meanwhile.
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path cgroup, IOException gone) {
            return FileVisitResult.CONTINUE;
          }
        });
    return left;
  }

  private boolean isOwn(Path cgroup) {
    return cgroup.getFileName().toString().startsWith("gantry-shim-test-" + prefix());
  }

  private String prefix() {
    return "t" + ProcessHandle.current().pid() + "-" + directory.getFileName() + "-";
  }

  private String nextId() {
    containers++;
    return prefix() + containers;
  }

  private Path bundle(String id, String script) throws IOException {
    return new BusyboxBundle(directory, id, script).write();
  }

  private static List<String> log(Path bundle) throws IOException {
    return Files.readAllLines(ShimUnderTest.logOf(bundle)).stream()
        .map(line -> line.substring(31))
        .toList();
  }

  private static TtrpcCode codeOf(org.junit.jupiter.api.function.Executable call) {
    return assertThrows(TtrpcException.class, call).code();
  }

  @Test
  void container_runsToItsEnd() throws Exception {
    String id = nextId();
    Path bundle = bundle(id, "echo hello; echo oops >&2; exit 7");
    shim.create(id, bundle);
    assertEquals(Status.CREATED, shim.state(id).getStatus());
    CompletableFuture<WaitResponse> exit = shim.exit(id);
    int pid = shim.start(id);
    assertTrue(pid > 1);

    WaitResponse ended = exit.get();
    assertEquals(7, ended.getExitStatus());
    assertTrue(ended.getExitedAt().getSeconds() > 1_700_000_000L);
    assertEquals(
        List.of("stderr F oops", "stdout F hello"), log(bundle).stream().sorted().toList());
    assertEquals(Status.STOPPED, shim.state(id).getStatus());
    assertEquals(7, shim.state(id).getExitStatus());
    assertEquals(pid, shim.state(id).getPid());
    assertEquals(7, shim.delete(id).getExitStatus());
    assertEquals(TtrpcCode.NOT_FOUND, codeOf(() -> shim.state(id)));
  }

  @Test
  void exit_isToldAfterTheLastByteIsInTheLog() throws Exception {
    for (int round = 0; round < 10; round++) {
      String id = nextId();
      Path bundle =
          bundle(id, "yes 0123456789012345678901234567890123456789 | head -n 2000; echo end");
      shim.run(id, bundle);
      assertEquals(0, shim.exitCode(id));
      List<String> lines = log(bundle);
      assertEquals(2001, lines.size());
      assertEquals("stdout F end", lines.get(2000));
      shim.delete(id);
    }
  }

  @Test
  void survivorInTheHostsPidNamespace_doesNotHoldTheExitUp() throws Exception {
    String id = nextId();
    Path bundle = bundle(id, "sleep 100 & echo started");
    Path config = bundle.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("{\"type\":\"pid\"},", ""));
    shim.run(id, bundle);
    assertEquals(0, shim.exitCode(id));
    assertEquals(List.of("stdout F started"), log(bundle));
    PidsResponse pids =
        shim.call(
            ShimUnderTest.TASK,
            "Pids",
            PidsRequest.newBuilder().setId(id).build(),
            PidsResponse.parser());
    assertEquals(1, pids.getProcessesCount(), "the survivor is still there");
    int survivor = pids.getProcesses(0).getPid();
    shim.delete(id);
    assertFalse(isAlive(survivor), "delete ends and reaps it");
  }

  private static boolean isAlive(int pid) {
    return Files.exists(Path.of("/proc/" + pid));
  }

  @Test
  void kill_endsTheContainerWithTheSignalsCode() throws Exception {
    String id = nextId();
    Path bundle =
        bundle(id, "trap 'echo got it; exit 3' TERM; echo ready; while true; do sleep 0.05; done");
    int pid = shim.run(id, bundle);
    awaitLine(bundle, "stdout F ready");
    shim.kill(id, SIGTERM);
    assertEquals(3, shim.exitCode(id));
    assertEquals("stdout F got it", log(bundle).get(1));
    assertEquals(TtrpcCode.NOT_FOUND, codeOf(() -> shim.kill(id, SIGKILL)));
    assertFalse(isAlive(pid));

    String other = nextId();
    shim.run(other, bundle(other, "sleep 100"));
    shim.kill(other, SIGKILL);
    assertEquals(137, shim.exitCode(other));
  }

  private void awaitLine(Path bundle, String line) throws Exception {
    Path file = ShimUnderTest.logOf(bundle);
    try (var watch = bundle.getFileSystem().newWatchService()) {
      bundle.register(watch, java.nio.file.StandardWatchEventKinds.ENTRY_MODIFY);
      while (!Files.exists(file) || !log(bundle).contains(line)) {
        var key = watch.poll(20, TimeUnit.SECONDS);
        assertTrue(key != null, "the log lacks " + line);
        key.reset();
      }
    }
  }

  @Test
  void containerKilledBeforeItsStart_countsAsEnded() throws Exception {
    String id = nextId();
    shim.create(id, bundle(id, "true"));
    CompletableFuture<WaitResponse> exit = shim.exit(id);
    shim.kill(id, SIGKILL);
    assertEquals(137, exit.get().getExitStatus());
    assertEquals(TtrpcCode.FAILED_PRECONDITION, codeOf(() -> shim.start(id)));
    shim.delete(id);
  }

  @Test
  void startThatFails_saysWhyAndLeavesNothing() throws Exception {
    String id = nextId();
    Path bundle = bundle(id, "true");
    Path config = bundle.resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("[\"sh\",\"-c\",\"true\"]", "[\"/no/such\"]"));
    shim.create(id, bundle);
    TtrpcException failure = assertThrows(TtrpcException.class, () -> shim.start(id));
    assertTrue(failure.getMessage().contains("/no/such"), failure.getMessage());
    assertEquals(TtrpcCode.NOT_FOUND, failure.code());
    assertEquals(128, shim.exitCode(id));
    shim.delete(id);
  }

  @Test
  void createThatFails_leavesNothing() throws Exception {
    String id = nextId();
    Path bundle = bundle(id, "true");
    Files.writeString(bundle.resolve("config.json"), "{");
    assertEquals(TtrpcCode.INVALID_ARGUMENT, codeOf(() -> shim.create(id, bundle)));
    assertEquals(List.of(), shim.info().getContainerIdsList());
    assertTrue(shim.info().getSpent());
  }

  @Test
  void create_ofTheSameIdIsRefused() throws Exception {
    String id = nextId();
    Path bundle = bundle(id, "sleep 100");
    shim.create(id, bundle);
    assertEquals(TtrpcCode.ALREADY_EXISTS, codeOf(() -> shim.create(id, bundle)));
  }

  @Test
  void delete_ofARunningContainerIsRefused() throws Exception {
    String id = nextId();
    shim.run(id, bundle(id, "sleep 100"));
    assertEquals(TtrpcCode.FAILED_PRECONDITION, codeOf(() -> shim.delete(id)));
  }

  @Test
  void clientThatDies_leavesTheContainerRunning() throws Exception {
    String id = nextId();
    Path bundle = bundle(id, "echo one; sleep 0.5; echo two; exit 5");
    int pid = shim.run(id, bundle);
    shim.exit(id);
    shim.reconnect();
    assertEquals(pid, shim.state(id).getPid());
    assertEquals(5, shim.exitCode(id));
    assertEquals(List.of("stdout F one", "stdout F two"), log(bundle));
  }

  @Test
  void execSync_bringsOutputAndCode() throws Exception {
    String id = nextId();
    shim.run(id, bundle(id, "sleep 100"));
    ShimUnderTest.Ran ran = shim.execSync(id, "echo out; echo err >&2; exit 9");
    assertEquals("out\n", ran.stdout());
    assertEquals("err\n", ran.stderr());
    assertEquals(9, ran.exit().getExitStatus());
    assertFalse(ran.exit().getTimedOut());
  }

  @Test
  void execSync_dropsWhatIsOverTheLimitAndRunsOn() throws Exception {
    String id = nextId();
    shim.run(id, bundle(id, "sleep 100"));
    ShimUnderTest.Ran ran =
        shim.execSync(
            id, "yes | head -n 100000; echo done >&2", Duration.ofSeconds(20), 1000, Duration.ZERO);
    assertEquals(1000, ran.stdout().length());
    assertEquals("done\n", ran.stderr());
    assertEquals(0, ran.exit().getExitStatus());
  }

  @Test
  void execSync_killsTheWholeGroupWhenItsTimeIsOver() throws Exception {
    String id = nextId();
    shim.run(id, bundle(id, "sleep 100"));
    long before = System.nanoTime();
    ShimUnderTest.Ran ran =
        shim.execSync(
            id, "sleep 77 | sleep 78; true", Duration.ofMillis(300), 1000, Duration.ofSeconds(5));
    assertTrue(ran.exit().getTimedOut());
    assertEquals(137, ran.exit().getExitStatus());
    assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(10));
    assertEquals("", shim.execSync(id, "ps | grep 'sleep 7[78]'").stdout());
  }

  @Test
  void execSync_waitsForSurvivorsOnlyAsLongAsAllowed() throws Exception {
    String id = nextId();
    shim.run(id, bundle(id, "sleep 100"));
    ShimUnderTest.Ran patient = shim.execSync(id, "(sleep 0.3; echo late) & echo early");
    assertEquals("early\nlate\n", patient.stdout());
    ShimUnderTest.Ran hurried =
        shim.execSync(id, "sleep 60 & echo early", Duration.ZERO, 1000, Duration.ofMillis(100));
    assertEquals("early\n", hurried.stdout());
    assertEquals(0, hurried.exit().getExitStatus());
  }

  @Test
  void execSync_isKilledWithItsCaller() throws Exception {
    String id = nextId();
    Path bundle = bundle(id, "echo ready; sleep 100");
    shim.run(id, bundle);
    CompletableFuture<ShimUnderTest.Ran> abandoned =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return shim.execSync(id, "echo running > /proc/1/fd/1; exec sleep 79");
              } catch (Exception e) {
                throw new java.util.concurrent.CompletionException(e);
              }
            });
    awaitLine(bundle, "stdout F running");
    shim.reconnect();
    assertThrows(java.util.concurrent.ExecutionException.class, abandoned::get);
    // The kill is on its way when the connection is seen to be closed; the next exec looks until it
    // has come about.
    ShimUnderTest.Ran look =
        shim.execSync(
            id,
            "n=0; while ps | grep 'sleep [7]9' && [ $n -lt 100 ]; do sleep 0.1; n=$((n+1)); done; echo $n");
    assertTrue(look.stdout().endsWith("\n") && !look.stdout().endsWith("100\n"), look.stdout());
  }

  @Test
  void execSync_ofAMissingProgramFails() throws Exception {
    String id = nextId();
    shim.run(id, bundle(id, "sleep 100"));
    TtrpcException failure =
        assertThrows(
            TtrpcException.class,
            () ->
                shim.call(
                    ShimUnderTest.EXTENSION,
                    "ExecSync",
                    io.gantry.proto.shim.v1.ExecSyncRequest.newBuilder()
                        .setId(id)
                        .setProcessSpec(
                            com.google.protobuf.ByteString.copyFromUtf8(
                                "{\"cwd\":\"/\",\"args\":[\"/no/such\"]}"))
                        .build(),
                    io.gantry.proto.shim.v1.ExecSyncOutput.parser()));
    assertTrue(failure.getMessage().contains("/no/such"), failure.getMessage());
  }

  @Test
  void exec_livesItsOwnLife() throws Exception {
    String id = nextId();
    Path bundle = bundle(id, "sleep 100");
    shim.run(id, bundle);
    String out = "file://" + bundle.resolve("exec.out");
    shim.exec(id, "e1", "echo from exec; exit 4", out);
    CompletableFuture<WaitResponse> exit = shim.exit(id, "e1");
    assertTrue(shim.startExec(id, "e1") > 1);
    assertEquals(4, exit.get().getExitStatus());
    assertEquals("from exec\n", Files.readString(bundle.resolve("exec.out")));
    assertEquals(TtrpcCode.ALREADY_EXISTS, codeOf(() -> shim.exec(id, "e1", "true", out)));
    assertEquals(4, shim.delete(id, "e1").getExitStatus());
    assertEquals(TtrpcCode.NOT_FOUND, codeOf(() -> shim.delete(id, "e1")));
    assertEquals(Status.RUNNING, shim.state(id).getStatus());
  }

  @Test
  void terminal_isTheProcessesOwn() throws Exception {
    String id = nextId();
    Path bundle =
        new BusyboxBundle(directory, id, "tty; stty size; echo to stderr >&2").terminal().write();
    shim.create(ShimUnderTest.createRequest(id, bundle).setTerminal(true).build());
    shim.start(id);
    assertEquals(0, shim.exitCode(id));
    List<String> lines = log(bundle);
    assertEquals("stdout F /dev/pts/0", lines.get(0));
    assertEquals("stdout F to stderr", lines.get(2));
  }

  @Test
  void reopenLog_writesToTheNewFile() throws Exception {
    String id = nextId();
    Path bundle = bundle(id, "echo one; cat; echo two");
    shim.create(
        ShimUnderTest.createRequest(id, bundle).setStdin("gantry-stdin:///?once=true").build());
    shim.start(id);
    awaitLine(bundle, "stdout F one");
    Files.move(ShimUnderTest.logOf(bundle), bundle.resolve("log.1"));
    shim.call(
        ShimUnderTest.EXTENSION,
        "ReopenLog",
        ReopenLogRequest.newBuilder().setId(id).build(),
        Empty.parser());
    shim.call(
        ShimUnderTest.TASK,
        "CloseIO",
        io.gantry.proto.task.v3.CloseIORequest.newBuilder().setId(id).setStdin(true).build(),
        Empty.parser());
    assertEquals(0, shim.exitCode(id));
    assertEquals(List.of("stdout F two"), log(bundle));
  }

  @Test
  void pause_stopsEverythingUntilResume() throws Exception {
    String id = nextId();
    shim.run(id, bundle(id, "sleep 100"));
    shim.call(
        ShimUnderTest.TASK, "Pause", PauseRequest.newBuilder().setId(id).build(), Empty.parser());
    assertEquals(Status.PAUSED, shim.state(id).getStatus());
    shim.call(
        ShimUnderTest.TASK, "Resume", ResumeRequest.newBuilder().setId(id).build(), Empty.parser());
    assertEquals(Status.RUNNING, shim.state(id).getStatus());
  }

  @Test
  void stats_areContainerds() throws Exception {
    String id = nextId();
    shim.run(id, bundle(id, "sleep 100"));
    StatsResponse stats =
        shim.call(
            ShimUnderTest.TASK,
            "Stats",
            StatsRequest.newBuilder().setId(id).build(),
            StatsResponse.parser());
    String type = stats.getStats().getTypeUrl();
    long pids =
        type.equals("io.containerd.cgroups.v1.Metrics")
            ? io.gantry.proto.cgroups.v1.Metrics.parseFrom(stats.getStats().getValue())
                .getPids()
                .getCurrent()
            : io.gantry.proto.cgroups.v2.Metrics.parseFrom(stats.getStats().getValue())
                .getPids()
                .getCurrent();
    assertTrue(pids >= 1, type + ": " + pids);
  }

  @Test
  void killAll_reachesEveryProcess() throws Exception {
    String id = nextId();
    shim.run(id, bundle(id, "sleep 100 & sleep 101"));
    KillRequest all = KillRequest.newBuilder().setId(id).setSignal(SIGKILL).setAll(true).build();
    shim.call(ShimUnderTest.TASK, "Kill", all, Empty.parser());
    assertEquals(137, shim.exitCode(id));
  }

  @Test
  void manyContainers_liveInOneShim() throws Exception {
    String[] ids = new String[5];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = nextId();
      shim.run(ids[i], bundle(ids[i], "sleep 0.2; exit " + i));
    }
    assertEquals(5, shim.info().getContainerIdsCount());
    for (int i = 0; i < ids.length; i++) {
      assertEquals(i, shim.exitCode(ids[i]));
      shim.delete(ids[i]);
    }
    assertEquals(0, shim.info().getContainerIdsCount());
  }

  @Test
  void shutdown_isIgnoredWhileAContainerIsHeld() throws Exception {
    String id = nextId();
    shim.run(id, bundle(id, "sleep 100"));
    shim.shutdown();
    assertEquals(Status.RUNNING, shim.state(id).getStatus());
  }

  @Test
  void connect_tellsPids() throws Exception {
    String id = nextId();
    int pid = shim.run(id, bundle(id, "sleep 100"));
    ConnectResponse answer =
        shim.call(
            "containerd.task.v2.Task",
            "Connect",
            ConnectRequest.newBuilder().setId(id).build(),
            ConnectResponse.parser());
    assertEquals(pid, answer.getTaskPid());
    assertEquals(shim.process.pid(), answer.getShimPid());
  }

  @Test
  void checkpoint_withoutCriu_saysSoAndTheContainerRunsOn(@TempDir Path images) throws Exception {
    String id = nextId();
    shim.run(id, bundle(id, "sleep 100"));
    CriuOptions options = CriuOptions.newBuilder().setProgram("/nonexistent/criu").build();
    CheckpointTaskRequest request =
        CheckpointTaskRequest.newBuilder()
            .setId(id)
            .setPath(images.toString())
            .setOptions(
                Any.newBuilder()
                    .setTypeUrl("gantry.shim.v1.CriuOptions")
                    .setValue(options.toByteString()))
            .build();

    TtrpcException refused =
        assertThrows(
            TtrpcException.class,
            () -> shim.call(ShimUnderTest.TASK, "Checkpoint", request, Empty.parser()));

    assertEquals(TtrpcCode.FAILED_PRECONDITION, refused.code());
    assertTrue(refused.getMessage().contains("/nonexistent/criu"), refused.getMessage());
    assertEquals(Status.RUNNING, shim.state(id).getStatus());
  }

  @Test
  void manyLives_leakNoDescriptorAndNoThread() throws Exception {
    String warmUp = nextId();
    shim.run(warmUp, bundle(warmUp, "true"));
    shim.exitCode(warmUp);
    shim.execSync(runningContainer(), "true");
    shim.delete(warmUp);
    long before = descriptors();
    for (int i = 0; i < 10; i++) {
      String id = nextId();
      shim.run(id, bundle(id, "echo x"));
      shim.exitCode(id);
      shim.delete(id);
      shim.execSync(running, "echo x");
    }
    assertEquals(before, descriptors());
  }

  private String running;

  private String runningContainer() throws Exception {
    running = nextId();
    shim.run(running, bundle(running, "sleep 100"));
    return running;
  }

  private long descriptors() throws IOException {
    try (Stream<Path> list = Files.list(Path.of("/proc/" + shim.process.pid() + "/fd"))) {
      return list.count();
    }
  }
}
