package io.gantry.runtime.shim;

import static io.gantry.runtime.shim.StreamUnderTest.command;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.protobuf.ByteString;
import io.gantry.proto.shim.v1.StreamExited;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
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

/** Processes executed for a client at their streams, in a real container of a real shim. */
@Tag("root")
@Timeout(90)
class ShimSessionRootTest {
  @TempDir Path directory;
  private ShimUnderTest shim;
  private String id;

  @BeforeEach
  void startContainer() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    assumeTrue(Files.isExecutable(Path.of("/bin/busybox")), "needs busybox-static");
    shim = ShimUnderTest.start(directory, Optional.empty());
    id = "s" + ProcessHandle.current().pid() + "-" + directory.getFileName();
    shim.run(id, new BusyboxBundle(directory, id, "sleep 1000").write());
  }

  @AfterEach
  void endShim() throws Exception {
    if (shim != null) {
      shim.close();
    }
  }

  private StreamUnderTest exec(String script) throws Exception {
    return StreamUnderTest.exec(shim, command(id, script, false));
  }

  private StreamUnderTest terminal(String script) throws Exception {
    return StreamUnderTest.exec(shim, command(id, script, true));
  }

  /** The cgroups that commands have of their own in the container's. */
  private List<Path> commandCgroups() throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> hierarchies =
        Files.newDirectoryStream(Path.of("/sys/fs/cgroup"), Files::isDirectory)) {
      for (Path hierarchy : hierarchies) {
        Path own = hierarchy.resolve(BusyboxBundle.cgroup(id).substring(1));
        if (Files.isDirectory(own)) {
          try (DirectoryStream<Path> below = Files.newDirectoryStream(own, Files::isDirectory)) {
            below.forEach(found::add);
          }
        }
      }
    }
    return found;
  }

  /** Processes of the container whose command line contains a text. */
  private String processes(String text) throws Exception {
    return shim.execSync(
            id, "ps -o args | grep '[" + text.charAt(0) + "]" + text.substring(1) + "'")
        .stdout();
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
  void exec_bringsBothStreamsAndThenTheExit() throws Exception {
    try (StreamUnderTest session = exec("echo out; echo err >&2; exit 9")) {
      StreamExited exit = session.end();
      assertEquals(9, exit.getExitStatus());
      assertTrue(
          Math.abs(exit.getExitedAtNanos() / 1_000_000_000L - Instant.now().getEpochSecond()) < 60);
      assertTrue(session.started().getPid() > 1);
      assertEquals("out\n", session.stdout());
      assertEquals("err\n", session.stderr());
    }
  }

  @Test
  void exit_comesAfterAllOutputHoweverSlowlyItIsRead() throws Exception {
    try (StreamUnderTest session =
        StreamUnderTest.exec(
            shim, command(id, "dd if=/dev/zero bs=4096 count=1000 2>/dev/null", false), false)) {
      // More than pipe and sockets hold: the process cannot end before something is read.
      await("it does not wait for its reader", () -> processes("dd if").contains("dd"));
      session.read();
      assertEquals(0, session.exitCode());
      assertEquals(4096 * 1000, session.stdoutBytes());
    }
  }

  @Test
  void stdin_reachesTheProcessAndItsHalfCloseEndsIt() throws Exception {
    try (StreamUnderTest session = exec("cat; echo end")) {
      session.started();
      session.send("one ");
      session.send("two\n");
      session.awaitOutput("one two\n");
      session.closeStdin();
      assertEquals(0, session.exitCode());
      assertEquals("one two\nend\n", session.stdout());
    }
  }

  @Test
  void stdin_isTakenOnlyAsFastAsItIsRead() throws Exception {
    try (StreamUnderTest session = exec("sleep 0.2; wc -c")) {
      int window = session.started().getStdinWindow();
      ByteString piece = ByteString.copyFrom(new byte[8192]);
      for (int i = 0; i < 200; i++) {
        session.awaitTaken(i + 1 - window);
        session.send(piece);
      }
      session.closeStdin();
      assertEquals(0, session.exitCode());
      assertEquals(200 * 8192, Integer.parseInt(session.stdout().strip()));
    }
    try (StreamUnderTest session = exec("sleep 1000")) {
      int window = session.started().getStdinWindow();
      ByteString piece = ByteString.copyFrom(new byte[8192]);
      // A pipe holds 64 KiB: 8 pieces are taken, the rest must wait.
      for (int i = 0; i < 8 + window; i++) {
        session.awaitTaken(i + 1 - window);
        session.send(piece);
      }
      session.send(piece);
      TtrpcException refused = assertThrows(TtrpcException.class, session::end);
      assertEquals(TtrpcCode.RESOURCE_EXHAUSTED, refused.code());
    }
    await("a client that sends too much stays", () -> commandCgroups().isEmpty());
  }

  @Test
  void inputNobodyReads_isTakenAndDropped() throws Exception {
    try (StreamUnderTest session =
        exec("exec 0</dev/null; echo closed; read x < /proc/1/fd/0; sleep 0.2")) {
      session.started();
      session.awaitOutput("closed");
      for (int i = 0; i < 50; i++) {
        session.send("x");
        session.awaitTaken(i + 1);
      }
      assertEquals(0, session.exitCode());
    }
  }

  @Test
  void streamsNotAskedFor_areNotSent() throws Exception {
    try (StreamUnderTest session =
        StreamUnderTest.exec(
            shim,
            command(id, "cat; echo out; echo err >&2", false).setStdin(false).setStdout(false))) {
      assertEquals(0, session.exitCode());
      assertEquals("", session.stdout());
      assertEquals("err\n", session.stderr());
    }
  }

  @Test
  void terminal_hasItsSizeAndControlCharacters() throws Exception {
    try (StreamUnderTest session =
        terminal(
            "trap 'echo interrupted' INT; tty; while read l; do eval \"$l\"; done; echo end")) {
      session.started();
      session.awaitOutput("/dev/pts/0");
      session.resize(97, 31);
      session.resize(0, 12);
      session.send("stty size\n");
      session.awaitOutput("31 97");
      session.send("\u0003");
      session.awaitOutput("interrupted");
      session.closeStdin();
      assertEquals(0, session.exitCode());
      assertTrue(session.stdout().endsWith("end\r\n"), session.stdout());
    }
  }

  @Test
  void exec_ofAMissingProgramSaysSo() throws Exception {
    ByteString spec = ByteString.copyFromUtf8("{\"cwd\":\"/\",\"args\":[\"/no/such\"]}");
    try (StreamUnderTest session =
        StreamUnderTest.exec(shim, command(id, "", false).setProcessSpec(spec))) {
      TtrpcException failure = assertThrows(TtrpcException.class, session::end);
      assertEquals(TtrpcCode.NOT_FOUND, failure.code());
      assertTrue(failure.getMessage().contains("/no/such"), failure.getMessage());
    }
    assertEquals(List.of(), commandCgroups());
  }

  @Test
  void vanishedClient_isHeardAsAHangUpFirst() throws Exception {
    for (boolean terminal : new boolean[] {false, true}) {
      String script =
          "trap 'echo hung up > /tmp/"
              + terminal
              + "; exit' HUP; sleep 1000 & echo ready; while true; do wait; done";
      StreamUnderTest session =
          StreamUnderTest.exec(shim, command(id, script, terminal).setHangupGraceMillis(8_000));
      session.awaitOutput("ready");
      session.close();
      Path word = directory.resolve(id).resolve("rootfs/tmp/" + terminal);
      await(
          "no hang-up, terminal: " + terminal,
          () -> Files.exists(word) && Files.readString(word).equals("hung up\n"));
      await("it stays", () -> commandCgroups().isEmpty());
    }
  }

  @Test
  void vanishedClient_takesAllThatItsProcessStartedAlong() throws Exception {
    long before = descriptors();
    StreamUnderTest session =
        exec(
            "trap '' HUP; setsid sleep 701 & setsid sh -c 'trap \"\" HUP; sleep 702; true' & echo ready; sleep 703");
    session.awaitOutput("ready");
    await("no children", () -> processes("sleep 70").lines().count() >= 3);
    assertEquals(1, commandCgroups().size());
    session.close();
    await("a cgroup stays", () -> commandCgroups().isEmpty());
    assertEquals("", processes("sleep 70"));
    await("descriptors stay", () -> descriptors() <= before);
  }

  @Test
  void vanishedClient_isNoticedWhileTheProcessReadsNoInput() throws Exception {
    StreamUnderTest session = exec("sleep 704");
    int window = session.started().getStdinWindow();
    ByteString piece = ByteString.copyFrom(new byte[8192]);
    for (int i = 0; i < 8 + window; i++) {
      session.awaitTaken(i + 1 - window);
      session.send(piece);
    }
    session.close();
    await("a cgroup stays", () -> commandCgroups().isEmpty());
    assertEquals("", processes("sleep 704"));
  }

  @Test
  void daemonThatACommandLeftBehind_livesOn() throws Exception {
    try (StreamUnderTest session = exec("setsid sleep 705 >/dev/null 2>&1 </dev/null & exit 3")) {
      assertEquals(3, session.exitCode());
    }
    assertEquals("sleep 705\n", processes("sleep 705"));
    assertEquals(1, commandCgroups().size(), "its cgroup is kept for it");
    shim.execSync(
        id, "kill $(ps -o pid,args | grep '[s]leep 705' | while read p r; do echo $p; done)");
    await(
        "the cgroup is not removed once it is empty",
        () -> {
          shim.execSync(id, "true");
          return commandCgroups().isEmpty();
        });
  }

  @Test
  void execSyncWhoseTimeIsOver_leavesNothingNotEvenADaemon() throws Exception {
    ShimUnderTest.Ran ran =
        shim.execSync(
            id,
            "setsid sleep 706 & sleep 707",
            Duration.ofMillis(300),
            1000,
            Duration.ofSeconds(5));
    assertTrue(ran.exit().getTimedOut());
    assertEquals("", processes("sleep 70"));
    assertEquals(List.of(), commandCgroups());
  }

  @Test
  void oneClientThatDoesNotRead_holdsUpNobodyElse() throws Exception {
    try (StreamUnderTest stuck = StreamUnderTest.exec(shim, command(id, "yes", false), false)) {
      for (int i = 0; i < 20; i++) {
        try (StreamUnderTest other = exec("echo " + i)) {
          assertEquals(0, other.exitCode());
          assertEquals(i + "\n", other.stdout());
        }
        assertEquals("x\n", shim.execSync(id, "echo x").stdout());
      }
      assertEquals("", stuck.stdout());
    }
    await("a cgroup stays", () -> commandCgroups().isEmpty());
  }

  @Test
  void manySessions_leakNothing() throws Exception {
    for (int i = 0; i < 5; i++) {
      try (StreamUnderTest session = terminal("true")) {
        session.exitCode();
      }
    }
    await("still busy", () -> commandCgroups().isEmpty());
    long before = descriptors();
    for (int i = 0; i < 200; i++) {
      try (StreamUnderTest session = i % 2 == 0 ? exec("cat") : terminal("read x; echo $x")) {
        session.started();
        session.send("hello\n");
        session.awaitOutput("hello");
        if (i % 3 != 0) {
          session.closeStdin();
          session.exitCode();
        }
      }
    }
    await("descriptors stay: " + before, () -> descriptors() <= before);
    await("cgroups stay", () -> commandCgroups().isEmpty());
  }

  @Test
  void twoHundredAtOnce_allRun() throws Exception {
    StreamUnderTest[] sessions = new StreamUnderTest[200];
    for (int i = 0; i < sessions.length; i++) {
      sessions[i] = exec("read x; echo got $x");
    }
    for (int i = 0; i < sessions.length; i++) {
      sessions[i].started();
      sessions[i].send(i + "\n");
    }
    for (int i = 0; i < sessions.length; i++) {
      assertEquals(0, sessions[i].exitCode());
      assertEquals("got " + i + "\n", sessions[i].stdout());
      sessions[i].close();
    }
    assertFalse(Files.readString(directory.resolve("shim.log")).contains("OutOfMemory"));
  }
}
