package io.gantry.runtime.shim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.shim.v1.StreamExited;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.tasktypes.Status;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients at the streams of a container's first process, in a real shim. */
@Tag("root")
@Timeout(90)
class ShimAttachRootTest {
  @TempDir Path directory;
  private ShimUnderTest shim;
  private String id;
  private Path bundle;

  @BeforeEach
  void startShim() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "needs busybox-static");
    shim = ShimUnderTest.start(directory, Optional.empty());
    id = "a" + ProcessHandle.current().pid() + "-" + directory.getFileName();
  }

  @AfterEach
  void endShim() throws Exception {
    if (shim != null) {
      shim.close();
    }
  }

  /**
   * @param stdin empty, or how its input is held open
   */
  private void run(String script, String stdin, boolean terminal) throws Exception {
    create(script, stdin, terminal);
    shim.start(id);
  }

  private void create(String script, String stdin, boolean terminal) throws Exception {
    BusyboxBundle made = new BusyboxBundle(directory, id, script);
    bundle = terminal ? made.terminal().write() : made.write();
    CreateTaskRequest.Builder request =
        ShimUnderTest.createRequest(id, bundle).setStdin(stdin).setTerminal(terminal);
    if (terminal) {
      request.setStderr("");
    }
    shim.create(request.build());
  }

  private static final String OPEN = "gantry-stdin:///?once=false";
  private static final String ONCE = "gantry-stdin:///?once=true";

  private List<String> log() throws IOException {
    return Files.readAllLines(ShimUnderTest.logOf(bundle)).stream()
        .map(line -> line.substring(31))
        .toList();
  }

  private static void await(String what, Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (!condition.call()) {
      assertTrue(System.nanoTime() < end, what);
      LockSupport.parkNanos(20_000_000);
    }
  }

  private long descriptors() throws IOException {
    try (Stream<Path> list = Files.list(Path.of("/proc/" + shim.process.pid() + "/fd"))) {
      return list.count();
    }
  }

  @Test
  void everyClient_seesTheOutputBesideTheLog_untilTheExit() throws Exception {
    run("while read x; do echo out $x; echo err $x >&2; done; exit 7", OPEN, false);
    try (StreamUnderTest first = StreamUnderTest.attach(shim, id, true);
        StreamUnderTest second = StreamUnderTest.attach(shim, id, false)) {
      assertEquals(shim.state(id).getPid(), first.started().getPid());
      second.started();
      first.send("one\n");
      first.awaitOutput("out one\n");
      second.awaitOutput("out one\n");
      shim.call(
          ShimUnderTest.TASK,
          "CloseIO",
          io.gantry.proto.task.v3.CloseIORequest.newBuilder().setId(id).setStdin(true).build(),
          com.google.protobuf.Empty.parser());
      StreamExited exit = first.end();
      assertEquals(7, exit.getExitStatus());
      assertEquals(7, second.exitCode());
      assertEquals("out one\n", second.stdout());
      assertEquals("err one\n", second.stderr());
      assertEquals(7, shim.exitCode(id));
    }
    assertEquals(List.of("stderr F err one", "stdout F out one"), log().stream().sorted().toList());
  }

  @Test
  void detachedClient_leavesTheContainerRunningWithItsInputOpen() throws Exception {
    run("while read x; do echo got $x; done", OPEN, false);
    for (String word : List.of("one", "two")) {
      try (StreamUnderTest session = StreamUnderTest.attach(shim, id, true)) {
        session.started();
        session.send(word + "\n");
        session.awaitOutput("got " + word);
        session.closeStdin();
      }
    }
    assertEquals(Status.RUNNING, shim.state(id).getStatus());
    assertEquals(List.of("stdout F got one", "stdout F got two"), log());
  }

  @Test
  void inputForOneClient_endsWithItsSession() throws Exception {
    run("cat; echo end", ONCE, false);
    try (StreamUnderTest watcher = StreamUnderTest.attach(shim, id, false)) {
      watcher.started();
      StreamUnderTest session = StreamUnderTest.attach(shim, id, true);
      session.started();
      session.send("one\n");
      session.awaitOutput("one");
      session.close();
      assertEquals(0, watcher.exitCode());
    }
    assertEquals(List.of("stdout F one", "stdout F end"), log());
  }

  @Test
  void inputForOneClient_endsWithItsHalfCloseWhileItStillReads() throws Exception {
    run("cat; echo end", ONCE, false);
    try (StreamUnderTest session = StreamUnderTest.attach(shim, id, true)) {
      session.started();
      session.send("one\n");
      session.closeStdin();
      assertEquals(0, session.exitCode());
      assertEquals("one\nend\n", session.stdout());
    }
  }

  @Test
  void terminal_isResizedAndOutlivesItsClients() throws Exception {
    run("while read x; do stty size; done", ONCE, true);
    try (StreamUnderTest session = StreamUnderTest.attach(shim, id, true)) {
      session.started();
      session.resize(91, 33);
      session.send("x\n");
      session.awaitOutput("33 91");
      session.closeStdin();
    }
    try (StreamUnderTest again = StreamUnderTest.attach(shim, id, true)) {
      again.started();
      again.resize(92, 34);
      again.send("x\n");
      again.awaitOutput("34 92");
    }
    assertEquals(Status.RUNNING, shim.state(id).getStatus());
  }

  @Test
  void terminal_getsWhatWasTypedAndItsSizeFromBeforeItsStart() throws Exception {
    create("read x; echo got $x; stty size; read y; echo then $y", OPEN, true);
    try (StreamUnderTest session = StreamUnderTest.attach(shim, id, true)) {
      session.started();
      session.resize(93, 35);
      session.send("early\n");
      session.closeStdin();
      shim.start(id);
      session.awaitOutput("got early");
      session.awaitOutput("35 93");
    }
    try (StreamUnderTest again = StreamUnderTest.attach(shim, id, true)) {
      again.started();
      again.send("late\n");
      again.awaitOutput("then late");
    }
  }

  @Test
  void inputBeforeTheStart_isBoundedByItsWindow() throws Exception {
    create("true", OPEN, true);
    try (StreamUnderTest session = StreamUnderTest.attach(shim, id, true)) {
      session.started();
      for (int i = 0; i < 4; i++) {
        session.send("x".repeat(1000) + "\n");
      }
      session.send("one too many\n");
      TtrpcException refused = assertThrows(TtrpcException.class, session::end);
      assertEquals(TtrpcCode.RESOURCE_EXHAUSTED, refused.code());
    }
  }

  @Test
  void clientThatDoesNotRead_neitherStallsTheLogNorLosesSilently() throws Exception {
    run(
        "read x; dd if=/dev/zero bs=1024 count=20000 2>/dev/null | tr '\\\\0' x; echo end",
        OPEN,
        false);
    try (StreamUnderTest stuck = StreamUnderTest.attach(shim, id, false, false);
        StreamUnderTest other = StreamUnderTest.attach(shim, id, true)) {
      other.started();
      other.send("go\n");
      assertEquals(0, shim.exitCode(id));
      assertTrue(Files.size(ShimUnderTest.logOf(bundle)) > 20000 * 1024);
      assertTrue(log().get(log().size() - 1).endsWith("end"));
      stuck.read();
      TtrpcException late = assertThrows(TtrpcException.class, stuck::end);
      assertEquals(TtrpcCode.RESOURCE_EXHAUSTED, late.code());
      assertTrue(late.getMessage().contains("faster than it was read"), late.getMessage());
      assertTrue(stuck.stdoutBytes() >= AttachSession.BACKLOG_BYTES * 9 / 10);
    }
  }

  @Test
  void burstThatFitsTheBacklog_isNotLost() throws Exception {
    run("read x; dd if=/dev/zero bs=1024 count=200 2>/dev/null; echo end; sleep 1000", OPEN, false);
    try (StreamUnderTest bursty = StreamUnderTest.attach(shim, id, true, false)) {
      bursty.send("go\n");
      await("the log lacks the end", () -> log().toString().contains("end"));
      bursty.read();
      bursty.awaitOutput("end\n");
      assertEquals(200 * 1024 + 4, bursty.stdoutBytes());
    }
  }

  @Test
  void outputThatIsKeptNowhere_canBeWatched() throws Exception {
    bundle = new BusyboxBundle(directory, id, "read x; echo out; echo err >&2").write();
    shim.create(
        ShimUnderTest.createRequest(id, bundle)
            .setStdin(OPEN)
            .setStdout("gantry-attach:///")
            .setStderr("gantry-attach:///")
            .build());
    try (StreamUnderTest early = StreamUnderTest.attach(shim, id, true)) {
      assertEquals(0, early.started().getPid(), "attached before the start");
      shim.start(id);
      early.send("\n");
      assertEquals(0, early.exitCode());
      assertEquals("out\n", early.stdout());
      assertEquals("err\n", early.stderr());
    }
  }

  @Test
  void attach_toAContainerThatHasEndedIsRefused() throws Exception {
    run("true", "", false);
    assertEquals(0, shim.exitCode(id));
    try (StreamUnderTest session = StreamUnderTest.attach(shim, id, false)) {
      TtrpcException refused = assertThrows(TtrpcException.class, session::end);
      assertEquals(TtrpcCode.FAILED_PRECONDITION, refused.code());
      assertTrue(refused.getMessage().contains("has ended"), refused.getMessage());
    }
  }

  @Test
  void manyClients_leakNothing() throws Exception {
    run("while read x; do echo $x; done", OPEN, false);
    try (StreamUnderTest session = StreamUnderTest.attach(shim, id, true)) {
      session.started();
    }
    long before = descriptors();
    for (int i = 0; i < 200; i++) {
      try (StreamUnderTest session = StreamUnderTest.attach(shim, id, true)) {
        session.started();
        session.send("line " + i + "\n");
        session.awaitOutput("line " + i + "\n");
      }
    }
    await("descriptors stay: " + before, () -> descriptors() <= before);
  }
}
