package io.gantry.cri.streaming;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.proto.cri.v1.AttachRequest;
import io.gantry.proto.cri.v1.ExecRequest;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class UpgradeTest {
  private final StreamingRig rig;

  UpgradeTest() throws IOException {
    rig = new StreamingRig();
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private static int status(String url, String method, String... lines) throws IOException {
    try (HttpUpgrade answer = HttpUpgrade.send(url, method, lines)) {
      return answer.status();
    }
  }

  @Test
  void urls_nameTheKindAndATokenOnLoopback() {
    assertTrue(rig.exec().matches("http://127\\.0\\.0\\.1:\\d+/exec/[A-Za-z0-9_-]{43}"));
    assertTrue(rig.attach().matches("http://127\\.0\\.0\\.1:\\d+/attach/[A-Za-z0-9_-]{43}"));
    assertTrue(
        rig.portForward(80).matches("http://127\\.0\\.0\\.1:\\d+/portforward/[A-Za-z0-9_-]{43}"));
    assertNotEquals(rig.exec(), rig.exec());
  }

  @Test
  void token_isGoodOnceAndForItsOwnPath() throws Exception {
    String url = rig.exec();
    try (HttpUpgrade first = HttpUpgrade.spdy(url, "v4.channel.k8s.io");
        HttpUpgrade second = HttpUpgrade.spdy(url, "v4.channel.k8s.io")) {
      assertEquals(101, first.status());
      assertEquals(404, second.status());
    }
    try (HttpUpgrade elsewhere =
        HttpUpgrade.spdy(rig.exec().replace("/exec/", "/attach/"), "v4.channel.k8s.io")) {
      assertEquals(404, elsewhere.status());
    }
    String base = URI.create(rig.exec()).resolve("/").toString();
    assertEquals(404, status(base + "exec/AAAAAAAA", "GET"));
    assertEquals(404, status(base, "GET"));
    assertEquals(404, status(base + "exec/", "GET"));
    assertEquals(404, status(rig.exec() + "/more", "GET"));
  }

  @Test
  void spdyUpgrade_isAnsweredInItsWords() throws Exception {
    try (HttpUpgrade answer =
        HttpUpgrade.spdy(rig.exec(), "v5.channel.k8s.io, v4.channel.k8s.io", "v3.channel.k8s.io")) {
      assertEquals("HTTP/1.1 101 Switching Protocols", answer.statusLine);
      assertEquals("Upgrade", answer.header("Connection"));
      assertEquals("SPDY/3.1", answer.header("Upgrade"));
      assertEquals("v4.channel.k8s.io", answer.header("X-Stream-Protocol-Version"));
    }
  }

  @Test
  void clientsOrder_decidesAmongSpdyProtocols() throws Exception {
    try (HttpUpgrade answer =
        HttpUpgrade.spdy(rig.exec(), "v2.channel.k8s.io", "v4.channel.k8s.io")) {
      assertEquals("v2.channel.k8s.io", answer.header("X-Stream-Protocol-Version"));
    }
  }

  @Test
  void unknownSpdyProtocol_isForbiddenWithTheListOfKnownOnes() throws Exception {
    try (HttpUpgrade answer = HttpUpgrade.spdy(rig.exec(), "v5.channel.k8s.io")) {
      assertEquals(403, answer.status());
      assertEquals(
          "v4.channel.k8s.io, v3.channel.k8s.io, v2.channel.k8s.io, channel.k8s.io",
          answer.header("X-Accepted-Stream-Protocol-Versions"));
    }
    try (HttpUpgrade answer = HttpUpgrade.spdy(rig.portForward(80), "v4.channel.k8s.io")) {
      assertEquals(403, answer.status());
      assertEquals("portforward.k8s.io", answer.header("X-Accepted-Stream-Protocol-Versions"));
    }
  }

  @Test
  void requestThatIsNoUpgrade_isRefused() throws Exception {
    assertEquals(400, HttpUpgrade.spdy(rig.exec()).status()); // names no protocol
    assertEquals(400, status(rig.exec(), "GET"));
    assertEquals(400, status(rig.exec(), "POST", "Connection: Upgrade", "Upgrade: websocket"));
    assertEquals(405, status(rig.exec(), "PUT"));
    assertEquals(
        426,
        status(
            rig.exec(),
            "GET",
            "Connection: Upgrade",
            "Upgrade: websocket",
            "Sec-WebSocket-Version: 8"));
    assertEquals(
        400,
        status(
            rig.exec(),
            "GET",
            "Connection: keep-alive, Upgrade",
            "Upgrade: WebSocket",
            "Sec-WebSocket-Version: 13"));
  }

  @Test
  void bytesRightBehindTheRequest_belongToTheSession() throws Exception {
    URI uri = URI.create(rig.exec());
    String request =
        "GET %s HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: spdy/3.1\r\n".formatted(uri.getPath())
            + "X-Stream-Protocol-Version: v4.channel.k8s.io\r\n\r\n";
    String ping = "\200\3\0\6\0\0\0\4\0\0\0\5";
    try (Socket socket = new Socket(uri.getHost(), uri.getPort())) {
      socket.setSoTimeout(20_000);
      socket.getOutputStream().write((request + ping).getBytes(StandardCharsets.ISO_8859_1));
      String answer = "";
      while (!answer.endsWith("\r\n\r\n" + ping)) {
        int next = socket.getInputStream().read();
        assertTrue(next >= 0, answer);
        answer += (char) next;
      }
    }
  }

  @Test
  void execRequest_isChecked() {
    assertFails(Failure.INVALID_REQUEST, exec("", "ls"));
    assertFails(Failure.INVALID_REQUEST, exec("c", "ls").setTty(true).setStderr(true));
    assertFails(Failure.INVALID_REQUEST, exec("c", "ls").setStdout(false));
    assertFails(
        Failure.INVALID_REQUEST, ExecRequest.newBuilder().setContainerId("c").setStdout(true));
    assertFails(Failure.NOT_FOUND, exec("nothing", "ls"));
    assertFails(Failure.WRONG_STATE, exec("stopped", "ls"));
  }

  private static ExecRequest.Builder exec(String id, String command) {
    return ExecRequest.newBuilder().setContainerId(id).addCmd(command).setStdout(true);
  }

  private void assertFails(Failure expected, ExecRequest.Builder request) {
    CriException e =
        assertThrows(
            CriException.class,
            () -> new ExecHandler(rig.server, rig.processes).handle(request.build()));
    assertEquals(expected, e.failure());
  }

  @Test
  void attachRequest_isChecked() {
    assertFails(Failure.INVALID_REQUEST, attach(""));
    assertFails(Failure.INVALID_REQUEST, attach("c").setTty(true).setStderr(true));
    assertFails(Failure.INVALID_REQUEST, attach("c").setStdout(false));
    assertFails(Failure.NOT_FOUND, attach("nothing"));
    assertFails(Failure.WRONG_STATE, attach("stopped"));
  }

  private static AttachRequest.Builder attach(String id) {
    return AttachRequest.newBuilder().setContainerId(id).setStdout(true);
  }

  private void assertFails(Failure expected, AttachRequest.Builder request) {
    CriException e =
        assertThrows(
            CriException.class,
            () -> new AttachHandler(rig.server, rig.processes).handle(request.build()));
    assertEquals(expected, e.failure());
  }
}
