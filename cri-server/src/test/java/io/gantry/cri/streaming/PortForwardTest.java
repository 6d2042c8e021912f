package io.gantry.cri.streaming;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PortForwardTest {
  private static final String PROTOCOL = "portforward.k8s.io";

  private StreamingRig rig;
  private final ServerSocket pod;
  private SpdyClient client;

  PortForwardTest() throws IOException {
    rig = new StreamingRig();
    pod = new ServerSocket(0, 300, InetAddress.getByName("127.0.0.1"));
  }

  @AfterEach
  void close() throws IOException {
    if (client != null) {
      client.close();
    }
    pod.close();
    rig.close();
  }

  /** The streams of one connection. */
  private record Pair(int error, int data) {}

  private void connect() throws IOException {
    client = HttpUpgrade.spdy(rig.portForward(), PROTOCOL).spdy();
  }

  private Pair open(int port, int request) throws IOException {
    String[] common = {"port", "" + port, "requestid", "" + request};
    int error = client.open(with(common, "streamtype", "error"));
    client.end(error);
    return new Pair(error, client.open(with(common, "streamtype", "data")));
  }

  private static String[] with(String[] headers, String name, String value) {
    List<String> all = new ArrayList<>(List.of(headers));
    all.addAll(List.of(name, value));
    return all.toArray(new String[0]);
  }

  private static String read(Socket socket, int count) throws IOException {
    return new String(socket.getInputStream().readNBytes(count), StandardCharsets.UTF_8);
  }

  private static void write(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void bytes_goBothWaysAndEndBothWays() throws Exception {
    connect();
    Pair pair = open(pod.getLocalPort(), 0);
    client.data(pair.data(), "question");
    try (Socket inside = pod.accept()) {
      assertEquals("question", read(inside, 8));
      write(inside, "answer");
      client.end(pair.data());
      assertEquals(-1, inside.getInputStream().read()); // the half close arrived
      write(inside, ", and more");
    }
    client.readUntil(() -> client.stream(pair.data()).ended && client.stream(pair.error()).ended);

    assertEquals("answer, and more", client.stream(pair.data()).text());
    assertEquals("", client.stream(pair.error()).text());
    assertEquals(0, client.stream(pair.data()).resetStatus);
  }

  @Test
  void podThatEnds_isHeardAtOnceAndTheOtherDirectionGoesOn() throws Exception {
    connect();
    Pair pair = open(pod.getLocalPort(), 0);
    try (Socket inside = pod.accept()) {
      inside.shutdownOutput();
      client.readUntil(() -> client.stream(pair.data()).ended);
      client.data(pair.data(), "still heard");
      assertEquals("still heard", read(inside, 11));
      client.end(pair.data());
      assertEquals(-1, inside.getInputStream().read());
    }
  }

  @Test
  void silentDirection_isCutOneSecondAfterTheOtherEnded() throws Exception {
    connect();
    Pair pair = open(pod.getLocalPort(), 0);
    try (Socket inside = pod.accept()) {
      long began = System.nanoTime();
      client.end(pair.data());
      client.readUntil(() -> client.stream(pair.error()).ended);
      Duration grace = Duration.ofNanos(System.nanoTime() - began);

      assertTrue(grace.toMillis() >= 1000 && grace.toMillis() < 10_000, grace.toString());
      assertEquals(-1, inside.getInputStream().read());
    }
  }

  @Test
  void portThatNobodyServes_isToldOnTheErrorStream() throws Exception {
    int port = pod.getLocalPort();
    pod.close();
    connect();
    Pair pair = open(port, 0);
    client.readUntil(
        () -> client.stream(pair.error()).ended && client.stream(pair.data()).resetStatus != 0);

    assertEquals(
        "port forward to port %d: connect to 127.0.0.1:%d: ECONNREFUSED".formatted(port, port),
        client.stream(pair.error()).text().replaceFirst("ECONNREFUSED.*", "ECONNREFUSED"));
  }

  @Test
  void portsThatAreNone_areRefused() throws Exception {
    connect();
    for (String port : List.of("0", "65536", "-1", "http", "")) {
      int stream = client.open("streamtype", "error", "port", port, "requestid", "1");
      client.readUntil(() -> client.stream(stream).resetStatus != 0);
    }
    int typeless = client.open("port", "80");
    client.readUntil(() -> client.stream(typeless).resetStatus != 0);
  }

  @Test
  void clientsWithoutRequestIds_openTheErrorStreamRightBefore() throws Exception {
    connect();
    String port = "" + pod.getLocalPort();
    int error = client.open("streamtype", "error", "port", port);
    int data = client.open("streamtype", "data", "port", port);
    assertEquals(error + 2, data);
    client.data(data, "x");
    try (Socket inside = pod.accept()) {
      assertEquals("x", read(inside, 1));
    }
  }

  @Test
  void requestIds_pairStreamsThatComeMixed() throws Exception {
    connect();
    int port = pod.getLocalPort();
    pod.close();
    String[] first = {"port", "" + port, "requestid", "1", "streamtype", "error"};
    String[] second = {"port", "" + port, "requestid", "2", "streamtype", "error"};
    int errorOfFirst = client.open(first);
    int errorOfSecond = client.open(second);
    second[5] = "data";
    client.open(second);
    client.readUntil(() -> client.stream(errorOfSecond).ended);

    assertTrue(client.stream(errorOfSecond).text().contains("ECONNREFUSED"));
    assertEquals("", client.stream(errorOfFirst).text());
    first[5] = "data";
    client.open(first);
    client.readUntil(() -> client.stream(errorOfFirst).ended);
    assertTrue(client.stream(errorOfFirst).text().contains("ECONNREFUSED"));
  }

  @Test
  void halfAPair_isCutInTime() throws Exception {
    rig.close();
    rig = new StreamingRig(Duration.ofMillis(300), Duration.ofHours(4));
    connect();
    int error = client.open("streamtype", "error", "port", "80", "requestid", "1");
    client.readUntil(() -> client.stream(error).ended);

    assertTrue(client.stream(error).text().contains("only one of two streams"));
  }

  @Test
  void hundredsOfConnections_runAtOnceOnOneClient() throws Exception {
    connect();
    int count = 200;
    List<Pair> pairs = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      pairs.add(open(pod.getLocalPort(), i));
      client.data(pairs.get(i).data(), String.format("%03d", i));
    }
    List<Socket> inside = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      inside.add(pod.accept());
    }
    for (Socket each : inside) {
      write(each, "to " + read(each, 3));
      each.close();
    }
    for (int i = 0; i < count; i++) {
      SpdyClient.Received data = client.stream(pairs.get(i).data());
      client.readUntil(() -> data.ended);
      assertEquals(String.format("to %03d", i), data.text());
    }
  }

  @Test
  void largeTransfers_arriveWhole() throws Exception {
    connect();
    Pair pair = open(pod.getLocalPort(), 0);
    byte[] bytes = new byte[20 * 1024 * 1024];
    new Random(1).nextBytes(bytes);
    try (Socket inside = pod.accept()) {
      Thread echo =
          new Thread(
              () -> {
                try {
                  inside.getInputStream().transferTo(inside.getOutputStream());
                  inside.shutdownOutput();
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      echo.start();
      Thread sender =
          new Thread(
              () -> {
                try {
                  for (int at = 0; at < bytes.length; at += 32768) {
                    client.data(pair.data(), java.util.Arrays.copyOfRange(bytes, at, at + 32768));
                  }
                  client.end(pair.data());
                } catch (IOException e) {
                  throw new java.io.UncheckedIOException(e);
                }
              });
      sender.start();
      client.readUntil(() -> client.stream(pair.data()).ended);
      sender.join();
      echo.join();
    }

    assertArrayEquals(bytes, client.stream(pair.data()).bytes.toByteArray());
  }

  @Test
  void clientThatLeaves_takesItsConnectionsAlong() throws Exception {
    connect();
    open(pod.getLocalPort(), 0);
    try (Socket inside = pod.accept()) {
      client.close();
      assertEquals(-1, inside.getInputStream().read());
    }
  }

  @Test
  void resetByTheClient_closesThePodsSide() throws Exception {
    connect();
    Pair pair = open(pod.getLocalPort(), 0);
    try (Socket inside = pod.accept()) {
      client.reset(pair.data(), 5);
      assertEquals(-1, inside.getInputStream().read());
    }
    client.readUntil(() -> client.stream(pair.error()).ended);
  }

  @Test
  void podThatTakesNothing_isCutOffSoThatOthersGoOn() throws Exception {
    client = HttpUpgrade.spdy(rig.portForward(Duration.ofMillis(500)), PROTOCOL).spdy();
    Pair stuck = open(pod.getLocalPort(), 0);
    try (Socket first = pod.accept()) {
      byte[] piece = new byte[1024 * 1024];
      for (int i = 0; i < 48; i++) { // more than the kernel and the backlog hold
        client.data(stuck.data(), piece);
      }
      Pair other = open(pod.getLocalPort(), 1);
      client.data(other.data(), "next");
      try (Socket second = pod.accept()) {
        assertEquals("next", read(second, 4));
      }
      client.readUntil(() -> client.stream(stuck.error()).ended);

      String words = client.stream(stuck.error()).text();
      assertTrue(words.contains("took no data"), words);
      assertTrue(first.isConnected());
    }
  }

  @Test
  void tunnel_carriesSpdyInMessages() throws Exception {
    WebSocketClient socket =
        WebSocketClient.connect(rig.portForward(), "SPDY/3.1+portforward.k8s.io");
    client = socket.tunnel();
    Pair pair = open(pod.getLocalPort(), 0);
    client.data(pair.data(), "question");
    try (Socket inside = pod.accept()) {
      assertEquals("question", read(inside, 8));
      write(inside, "answer");
    }
    client.readUntil(() -> client.stream(pair.data()).ended);

    assertEquals("answer", client.stream(pair.data()).text());
  }

  @Test
  void webSocket_namesEachPortFirstThenCarriesBytes() throws Exception {
    int port = pod.getLocalPort();
    for (String[] protocol : new String[][] {{"v4.channel.k8s.io"}, {}}) {
      try (WebSocketClient socket = WebSocketClient.connect(rig.portForward(port), protocol)) {
        byte low = (byte) port;
        byte high = (byte) (port >> 8);
        assertArrayEquals(new byte[] {0, low, high}, socket.read().body());
        assertArrayEquals(new byte[] {1, low, high}, socket.read().body());
        socket.binary(0, "question");
        try (Socket inside = pod.accept()) {
          assertEquals("question", read(inside, 8));
          write(inside, "answer");
        }
        assertEquals("answer", socket.channel(0));
      }
    }
  }

  @Test
  void webSocketInBase64_tellsFailuresOnTheOddChannel() throws Exception {
    int port = pod.getLocalPort();
    pod.close();
    try (WebSocketClient socket =
        WebSocketClient.connect(rig.portForward(port), "v4.base64.channel.k8s.io")) {
      assertEquals("0", socket.read().text().substring(0, 1));
      assertEquals("1", socket.read().text().substring(0, 1));
      String failure = socket.read().text();
      assertEquals("1", failure.substring(0, 1));
      byte[] words = java.util.Base64.getDecoder().decode(failure.substring(1));
      assertTrue(new String(words, StandardCharsets.UTF_8).contains("ECONNREFUSED"));
    }
  }

  @Test
  void webSocketWithoutPorts_isRefused() throws Exception {
    try (HttpUpgrade refused = WebSocketClient.ask(rig.portForward(), "v4.channel.k8s.io")) {
      assertEquals(403, refused.status());
    }
  }
}
