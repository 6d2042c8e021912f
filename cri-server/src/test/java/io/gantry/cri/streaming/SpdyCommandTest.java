package io.gantry.cri.streaming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.streaming.process.ExecCommand;
import io.gantry.cri.streaming.process.SessionEnd;
import io.gantry.cri.streaming.process.StreamSet;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SpdyCommandTest {
  private static final String V1 = "channel.k8s.io";
  private static final String V2 = "v2.channel.k8s.io";
  private static final String V3 = "v3.channel.k8s.io";
  private static final String V4 = "v4.channel.k8s.io";

  /** More than the kernel buffers for a connection. */
  private static final int FLOOD_BYTES = 96 * 1024 * 1024;

  private StreamingRig rig;
  private SpdyClient client;
  private int error;
  private int stdin;
  private int stdout;
  private int stderr;
  private int resize;

  SpdyCommandTest() throws IOException {
    rig = new StreamingRig();
  }

  @AfterEach
  void close() throws IOException {
    if (client != null) {
      client.close();
    }
    rig.close();
  }

  private FakeProcesses.Session connect(String url, String protocol) throws Exception {
    client = HttpUpgrade.spdy(url, protocol).spdy();
    error = client.open("streamtype", "error");
    stdin = client.open("streamtype", "stdin");
    stdout = client.open("streamtype", "stdout");
    stderr = client.open("streamtype", "stderr");
    return rig.processes.next();
  }

  private FakeProcesses.Session connectTerminal(String protocol) throws Exception {
    client = HttpUpgrade.spdy(rig.exec(true, true, true, false), protocol).spdy();
    error = client.open("streamtype", "error");
    stdin = client.open("streamtype", "stdin");
    stdout = client.open("streamtype", "stdout");
    resize = client.open("streamtype", "resize");
    return rig.processes.next();
  }

  private String errorText() {
    return client.stream(error).text();
  }

  @Test
  void exec_asksForTheCommandInTheContainer() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V4);

    assertEquals(
        new ExecCommand("container", List.of("program"), new StreamSet(false, true, true, true)),
        process.request);
  }

  @Test
  void outputs_arriveOnTheirOwnStreamsBeforeTheStatus() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V4);
    process.stdout("out");
    process.stderr("err");
    process.exit(0);
    client.readToEnd();

    assertEquals("out", client.stream(stdout).text());
    assertEquals("err", client.stream(stderr).text());
    assertEquals("{\"status\":\"Success\"}", errorText());
    for (int id : new int[] {error, stdin, stdout, stderr}) {
      assertTrue(client.stream(id).replied && client.stream(id).ended, "stream " + id);
      assertEquals(0, client.stream(id).resetStatus, "stream " + id);
    }
  }

  @Test
  void exitCode_isToldAsAStatusInVersion4() throws Exception {
    connect(rig.exec(), V4).exit(7);
    client.readToEnd();

    assertEquals(
        "{\"status\":\"Failure\",\"message\":\"command terminated with non-zero exit code: 7\","
            + "\"reason\":\"NonZeroExitCode\","
            + "\"details\":{\"causes\":[{\"reason\":\"ExitCode\",\"message\":\"7\"}]}}",
        errorText());
  }

  @Test
  void failure_isAnInternalErrorInVersion4() throws Exception {
    connect(rig.exec(), V4).end(new SessionEnd.Failed("the shim is gone"));
    client.readToEnd();

    assertEquals(
        "{\"status\":\"Failure\",\"message\":\"Internal error occurred: error executing command in"
            + " container: the shim is gone\",\"reason\":\"InternalError\",\"code\":500}",
        errorText());
  }

  @Test
  void processThatCannotStart_isToldToTheClient() throws Exception {
    rig.processes.refusal = new IOException("no such program");
    client = HttpUpgrade.spdy(rig.exec(false, false, true, false), V4).spdy();
    error = client.open("streamtype", "error");
    client.open("streamtype", "stdout");
    client.readToEnd();

    assertTrue(errorText().contains("in container: no such program\""), errorText());
  }

  @Test
  void exitCode_isToldInWordsBeforeVersion4() throws Exception {
    for (String protocol : List.of(V2, V3)) {
      connect(rig.exec(), protocol).exit(7);
      client.readToEnd();
      assertEquals("command terminated with non-zero exit code: 7", errorText());
      client.close();

      connect(rig.exec(), protocol).exit(0);
      client.readToEnd();
      assertEquals("", errorText());
    }
  }

  @Test
  void version1_endsStdinAndResetsErrorAtOnce() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V1);
    client.readUntil(() -> client.stream(stdin).ended && client.stream(error).resetStatus != 0);
    client.data(stdin, "input");
    process.stdout("out");
    process.exit(3);
    client.readToEnd();

    assertEquals("out", client.stream(stdout).text());
    assertEquals("", errorText());
  }

  @Test
  void stdin_arrivesWithItsEnd() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V4);
    client.data(stdin, "one ");
    client.data(stdin, "two");
    client.end(stdin);

    assertEquals("one two", process.stdinToEnd());
    assertFalse(client.stream(stdin).ended);
  }

  @Test
  void stdinSentBeforeTheProcessStands_isKept() throws Exception {
    client = HttpUpgrade.spdy(rig.exec(false, true, true, false), V4).spdy();
    stdin = client.open("streamtype", "stdin");
    client.data(stdin, "early");
    client.end(stdin);
    client.open("streamtype", "error");
    client.open("streamtype", "stdout");

    assertEquals("early", rig.processes.next().stdinToEnd());
  }

  @Test
  void resize_passesSizesOnFromVersion3() throws Exception {
    for (String protocol : List.of(V3, V4)) {
      FakeProcesses.Session process = connectTerminal(protocol);
      client.data(resize, "{\"Width\":80,\"Height\":24}\n");
      assertEquals("80x24", process.sizes.poll(20, TimeUnit.SECONDS));
      client.data(resize, "{\"Width\":0,\"Height\":0}{\"Width\":100,");
      client.data(resize, "\"Height\":50}");
      assertEquals("100x50", process.sizes.poll(20, TimeUnit.SECONDS));
      client.close();
    }
  }

  @Test
  void attach_endsWithSuccessWhateverTheContainersExitCode() throws Exception {
    connect(rig.attach(), V4).exit(3);
    client.readToEnd();

    assertEquals("{\"status\":\"Success\"}", errorText());
  }

  @Test
  void clientThatLeaves_endsTheSession() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V4);
    client.close();

    assertTrue(process.awaitClosed());
  }

  @Test
  void ping_isAnsweredWhenItIsTheClients() throws Exception {
    connect(rig.exec(), V4);
    client.ping(2); // would be an answer to the server's own
    client.ping(5);
    SpdyClient.Frame frame = client.read();
    while (frame.type() != SpdyClient.PING) {
      frame = client.read();
    }

    assertEquals(5, frame.id());
  }

  @Test
  void strangeStream_isRefusedAndTheSessionBegins() throws Exception {
    client = HttpUpgrade.spdy(rig.exec(false, false, true, false), V4).spdy();
    int strange = client.open("streamtype", "weird");
    client.open("streamtype", "error");
    client.open("streamtype", "stdout");
    int again = client.open("streamtype", "stdout");
    client.readUntil(
        () -> client.stream(strange).resetStatus != 0 && client.stream(again).resetStatus != 0);

    assertEquals(3, client.stream(strange).resetStatus);
    rig.processes.next();
  }

  @Test
  void clientWithoutItsStreams_isDisconnectedInTime() throws Exception {
    rig.close();
    rig = new StreamingRig(Duration.ofMillis(300), Duration.ofHours(4));
    client = HttpUpgrade.spdy(rig.exec(), V4).spdy();
    client.open("streamtype", "error");
    client.readToEnd();

    assertTrue(rig.processes.sessions.isEmpty());
  }

  @Test
  void idleSession_ends() throws Exception {
    rig.close();
    rig = new StreamingRig(Duration.ofSeconds(30), Duration.ofMillis(300));
    FakeProcesses.Session process = connect(rig.exec(), V4);
    client.readToEnd();

    assertTrue(process.awaitClosed());
  }

  @Test
  void slowClient_holdsTheProcessUpAndLosesNothing() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V4);
    byte[] piece = new byte[256 * 1024];
    int pieces = 128; // 32 MiB: more than the kernel's buffers on both sides
    List<Integer> written = new ArrayList<>();
    Thread writer =
        new Thread(
            () -> {
              try {
                for (int i = 0; i < pieces; i++) {
                  Arrays.fill(piece, (byte) i);
                  process.output.stdout(ByteBuffer.wrap(piece));
                  written.add(i);
                }
                process.exit(0);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
    writer.start();
    while (writer.getState() != Thread.State.WAITING) {
      assertTrue(writer.isAlive(), "32 MiB went nowhere");
      Thread.onSpinWait();
    }
    client.readToEnd();
    writer.join();

    assertEquals(pieces * piece.length, client.stream(stdout).bytes.size());
    assertEquals((byte) 127, client.stream(stdout).bytes.toByteArray()[pieces * piece.length - 1]);
    assertEquals("{\"status\":\"Success\"}", errorText());
  }

  @Test
  void processThatTakesNoInput_makesTheClientWaitButHearsOfSizes() throws Exception {
    FakeProcesses.Session process = connectTerminal(V4);
    process.takeNothing();
    client.data(stdin, new byte[512 * 1024]);
    client.data(resize, "{\"Width\":80,\"Height\":24}");
    assertEquals("80x24", process.sizes.poll(20, TimeUnit.SECONDS));

    Thread sender = sendUntilStuck();
    process.takeAgain();
    sender.join();
    client.end(stdin);

    assertEquals(512 * 1024 + FLOOD_BYTES, process.stdinToEnd().length());
  }

  /** A thread that sends more than the connection takes in. */
  private Thread sendUntilStuck() throws Exception {
    byte[] piece = new byte[64 * 1024];
    Thread sender =
        new Thread(
            () -> {
              try {
                for (int sent = 0; sent < FLOOD_BYTES; sent += piece.length) {
                  client.data(stdin, piece);
                }
              } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
              }
            });
    sender.start();
    sender.join(1500);
    assertTrue(sender.isAlive(), "96 MiB were taken in for a process that reads nothing");
    return sender;
  }

  @Test
  void clientOfAStuckProcess_isMissedWhenItLeaves() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V4);
    process.takeNothing();
    client.data(stdin, new byte[2 * 1024 * 1024]);
    client.close();

    assertTrue(process.awaitClosed());
  }

  @Test
  void unreadInput_doesNotTakeTheStatusAway() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V4);
    process.takeNothing();
    client.data(stdin, new byte[3 * 1024 * 1024]);
    process.stdout("last words");
    process.exit(1);
    client.data(stdin, new byte[1024 * 1024]);
    client.readToEnd();

    assertEquals("last words", client.stream(stdout).text());
    assertTrue(errorText().contains("NonZeroExitCode"), errorText());
  }

  @Test
  void manySessions_runAtOnce() throws Exception {
    int count = 200;
    List<SpdyClient> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      SpdyClient each = HttpUpgrade.spdy(rig.exec(false, false, true, false), V4).spdy();
      each.open("streamtype", "error");
      each.open("streamtype", "stdout");
      clients.add(each);
    }
    List<FakeProcesses.Session> sessions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      sessions.add(rig.processes.next());
    }
    for (FakeProcesses.Session session : sessions) {
      session.stdout("hello");
      session.exit(0);
    }
    for (SpdyClient each : clients) {
      each.readToEnd();
      assertEquals("hello", each.stream(3).text());
      assertEquals("{\"status\":\"Success\"}", each.stream(1).text());
      each.close();
    }
  }

  @Test
  void streamIdsThatDoNotRise_breakTheConnectionOff() throws Exception {
    connect(rig.exec(), V4);
    client.repeatIds();
    client.open("streamtype", "resize");
    SpdyClient.Frame frame = client.read();
    while (frame.type() != SpdyClient.GOAWAY) {
      frame = client.read();
    }

    assertEquals(1, frame.word(4)); // protocol error
    client.readToEnd();
  }

  @Test
  void silence_isNoEnd() throws Exception {
    connect(rig.exec(), V4);
    client.readUntil(() -> client.stream(stderr).replied);
    client.patience(200);

    assertThrows(SocketTimeoutException.class, client::read);
  }
}
