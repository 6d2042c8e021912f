package io.gantry.cri.streaming;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.EOFException;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WebSocketCommandTest {
  private static final String V4 = "v4.channel.k8s.io";
  private static final String V5 = "v5.channel.k8s.io";

  private final StreamingRig rig;
  private WebSocketClient client;

  WebSocketCommandTest() throws IOException {
    rig = new StreamingRig();
  }

  @AfterEach
  void close() throws IOException {
    if (client != null) {
      client.close();
    }
    rig.close();
  }

  private FakeProcesses.Session connect(String url, String... protocols) throws Exception {
    client = WebSocketClient.connect(url, protocols);
    return rig.processes.next();
  }

  private void assertFirstMessage(int opcode, String body) throws IOException {
    WebSocketClient.Frame first = client.read();
    assertEquals(opcode, first.opcode());
    assertEquals(body, first.text());
  }

  @Test
  void handshake_isThatOfTheRfc() throws Exception {
    connect(rig.exec(), V4);

    assertEquals("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=", client.upgrade.header("Sec-WebSocket-Accept"));
    assertEquals(V4, client.upgrade.header("Sec-WebSocket-Protocol"));
  }

  @Test
  void firstMessage_isEmptyOnTheFirstOpenOutput() throws Exception {
    connect(rig.exec(false, true, true, true), V4);
    assertFirstMessage(WebSocketClient.BINARY, "\1");
    client.close();
    connect(rig.exec(false, true, false, true), V4);
    assertFirstMessage(WebSocketClient.BINARY, "\2");
    client.close();
    connect(rig.exec(false, true, false, false), V4);
    assertFirstMessage(WebSocketClient.BINARY, "\3");
  }

  @Test
  void binaryProtocols_carryOutputsAndAStatus() throws Exception {
    for (String protocol : List.of(V4, V5)) {
      FakeProcesses.Session process = connect(rig.exec(), protocol);
      process.stdout("out");
      process.stderr("err");
      process.exit(7);
      var channels = client.channels(5);

      assertEquals("out", channels[1].toString(UTF_8));
      assertEquals("err", channels[2].toString(UTF_8));
      assertTrue(channels[3].toString(UTF_8).contains("\"message\":\"7\""));
      assertThrows(EOFException.class, client::read);
      client.close();
    }
  }

  @Test
  void protocolsBeforeVersion4_carryWordsForAFailureAndNothingForSuccess() throws Exception {
    connect(rig.exec(), "channel.k8s.io").exit(7);
    assertEquals("command terminated with non-zero exit code: 7", client.channel(3));
    client.close();

    connect(rig.exec(), "channel.k8s.io").exit(0);
    assertEquals("", client.channel(3));
    client.close();

    connect(rig.exec()).exit(7); // no protocol named
    assertEquals("", client.upgrade.header("Sec-WebSocket-Protocol"));
    assertEquals("command terminated with non-zero exit code: 7", client.channel(3));
  }

  @Test
  void base64Protocols_areTextWithADigitForTheChannel() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), "v4.base64.channel.k8s.io");
    assertFirstMessage(WebSocketClient.TEXT, "1");
    String typed = Base64.getEncoder().encodeToString("typed".getBytes(UTF_8));
    client.frame(WebSocketClient.TEXT, true, ("0" + typed).getBytes(UTF_8));
    assertEquals("typed", process.someStdin());
    process.stdout("out");
    assertFirstMessage(WebSocketClient.TEXT, "1b3V0");
    process.exit(0);
    String success = Base64.getEncoder().encodeToString("{\"status\":\"Success\"}".getBytes(UTF_8));
    assertFirstMessage(WebSocketClient.TEXT, "3" + success);
    client.close();

    process = connect(rig.exec(), "base64.channel.k8s.io");
    assertFirstMessage(WebSocketClient.TEXT, "1");
    process.exit(1);
    String words = "command terminated with non-zero exit code: 1";
    assertFirstMessage(
        WebSocketClient.TEXT, "3" + Base64.getEncoder().encodeToString(words.getBytes(UTF_8)));
  }

  @Test
  void brokenBase64_endsTheConnection() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), "v4.base64.channel.k8s.io");
    client.frame(WebSocketClient.TEXT, true, "0%%%%".getBytes(UTF_8));

    assertTrue(process.awaitClosed());
  }

  @Test
  void clientsOrder_decidesWhichProtocolIsSpoken() throws Exception {
    connect(rig.exec(), "unheard.of", V5, V4);

    assertEquals(V5, client.upgrade.header("Sec-WebSocket-Protocol"));
  }

  @Test
  void protocolThatIsNotServed_failsTheHandshake() throws Exception {
    try (HttpUpgrade refused = WebSocketClient.ask(rig.exec(), "v9.channel.k8s.io")) {
      assertEquals(403, refused.status());
    }
  }

  @Test
  void halfClose_endsStdinInVersion5() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V5);
    client.binary(0, "all");
    client.frame(WebSocketClient.BINARY, true, new byte[] {(byte) 255, 0});

    assertEquals("all", process.stdinToEnd());
    process.stdout("answer");
    process.exit(0);
    assertEquals("answer", client.channel(1));
  }

  @Test
  void halfCloseOfAnotherLength_endsTheConnection() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V5);
    client.frame(WebSocketClient.BINARY, true, new byte[] {(byte) 255, 0, 0});

    assertTrue(process.awaitClosed());
  }

  @Test
  void halfClose_isAnUnusedChannelBeforeVersion5() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(true, true, true, false), V4);
    client.frame(WebSocketClient.BINARY, true, new byte[] {(byte) 255, 0});
    client.binary(0, "more");
    client.binary(9, "nobody reads this");
    client.frame(WebSocketClient.BINARY, true, new byte[0]);
    client.binary(4, "{\"Width\":80,\"Height\":24}");
    assertEquals("80x24", process.sizes.poll(20, TimeUnit.SECONDS));

    assertEquals("more", process.someStdin());
    assertEquals(1, process.stdinClosed.getCount());
  }

  @Test
  void fragments_arePutTogetherAndPingsBetweenThemAnswered() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V5);
    assertFirstMessage(WebSocketClient.BINARY, "\1");
    client.frame(WebSocketClient.BINARY, false, "\0one ".getBytes(UTF_8));
    client.frame(WebSocketClient.CONTINUATION, false, "two ".getBytes(UTF_8));
    client.frame(WebSocketClient.PING, true, "are you there".getBytes(UTF_8));
    client.frame(WebSocketClient.CONTINUATION, true, "three".getBytes(UTF_8));
    client.frame(WebSocketClient.BINARY, true, new byte[] {(byte) 255, 0});

    assertFirstMessage(WebSocketClient.PONG, "are you there");
    assertEquals("one two three", process.stdinToEnd());
  }

  @Test
  void largeMessages_areTaken() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V5);
    byte[] large = new byte[8 * 1024 * 1024];
    client.binary(0, large);
    client.frame(WebSocketClient.BINARY, true, new byte[] {(byte) 255, 0});

    assertEquals(large.length, process.stdinToEnd().length());
  }

  @Test
  void resize_comesOnChannel4() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(true, true, true, false), V5);
    client.binary(4, "{\"Width\":132,\"Height\":43}");

    assertEquals("132x43", process.sizes.poll(20, TimeUnit.SECONDS));
  }

  @Test
  void goodbye_isAnsweredAndEndsTheSession() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V4);
    client.read();
    client.frame(WebSocketClient.CLOSE, true, new byte[] {3, (byte) 232}); // 1000
    WebSocketClient.Frame answer = client.read();

    assertEquals(WebSocketClient.CLOSE, answer.opcode());
    assertArrayEquals(new byte[] {3, (byte) 232}, answer.body());
    assertTrue(process.awaitClosed());
  }

  @Test
  void clientThatVanishes_endsTheSession() throws Exception {
    FakeProcesses.Session process = connect(rig.exec(), V5);
    client.close();

    assertTrue(process.awaitClosed());
  }
}
