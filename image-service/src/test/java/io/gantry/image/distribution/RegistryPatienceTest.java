package io.gantry.image.distribution;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Clients who do not behave, over plain sockets. */
@Timeout(60)
class RegistryPatienceTest {

  @TempDir Path directory;
  private RegistryRig rig;
  private RegistryClientSide client;

  @BeforeEach
  void start() throws Exception {
    rig = new RegistryRig(directory);
    rig.patience = Duration.ofSeconds(2);
    rig.maxConnections = 8;
    client = rig.start();
  }

  @AfterEach
  void stop() {
    rig.close();
  }

  private Socket connect(String request) throws IOException {
    Socket socket = new Socket("127.0.0.1", rig.address().getPort());
    socket.setSoTimeout(30_000);
    socket.getOutputStream().write(request.getBytes(StandardCharsets.ISO_8859_1));
    return socket;
  }

  /** What comes until the server ends the connection, one way or another. */
  private static String untilEnd(Socket socket) throws IOException {
    StringBuilder all = new StringBuilder();
    InputStream in = socket.getInputStream();
    try {
      for (int c = in.read(); c >= 0; c = in.read()) {
        all.append((char) c);
      }
    } catch (SocketException reset) {
      // An end as well.
    }
    return all.toString();
  }

  @Test
  void silentClient_isCutOff() throws Exception {
    try (Socket socket = connect("")) {
      assertEquals("", untilEnd(socket));
    }
    try (Socket socket = connect("GET /v2/ HT")) {
      assertEquals("", untilEnd(socket));
    }
  }

  @Test
  void uploadThatStandsStill_isCutOffAndKeepsWhatCame() throws Exception {
    String place = client.begin("a");
    try (Socket socket =
        connect("PATCH " + place + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n12345")) {
      assertEquals("", untilEnd(socket));
    }

    assertEquals("0-4", client.get(place).headers().firstValue("Range").orElseThrow());
  }

  @Test
  void newerRequest_takesAnUploadOver() throws Exception {
    startPatient();
    String place = client.begin("a");
    try (Socket stuck =
        connect("PATCH " + place + " HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n12345")) {
      awaitReceived(place, "0-4");

      assertEquals(
          202,
          client
              .send("PATCH", place, "678".getBytes(StandardCharsets.UTF_8), "Content-Range", "5-7")
              .statusCode());
      assertEquals("", untilEnd(stuck));
    }
    Digest digest = Digest.sha256("12345678".getBytes(StandardCharsets.UTF_8));
    assertEquals(201, client.send("PUT", place + "?digest=" + digest, new byte[0]).statusCode());
  }

  /** With a server that cuts nobody off while the test runs. */
  private void startPatient() throws IOException {
    rig.close();
    rig.patience = Duration.ofSeconds(50);
    client = rig.start();
  }

  private void awaitReceived(String place, String range) throws Exception {
    while (!client.get(place).headers().firstValue("Range").orElseThrow().equals(range)) {
      Thread.onSpinWait(); // Bounded by the class's time limit.
    }
  }

  @Test
  void downloadThatNobodyTakes_isCutOff() throws Exception {
    byte[] blob = new byte[8 << 20];
    Digest digest = client.push("a", blob);
    try (Socket socket = connect("GET /v2/a/blobs/" + digest + " HTTP/1.1\r\nHost: x\r\n\r\n")) {
      socket.getInputStream().read();
      // Does nothing for a time, which is what this is about: nothing tells from outside that the
      // server's patience is over, but that it has not sent all that there is.
      Thread.sleep(rig.patience.multipliedBy(3).toMillis());
      assertTrue(untilEnd(socket).length() < blob.length);
    }
  }

  @Test
  void slowButSteadyClient_isServed() throws Exception {
    byte[] blob = new byte[3 << 20];
    Digest digest = client.push("a", blob);
    try (Socket socket = new Socket()) {
      socket.setReceiveBufferSize(32 << 10);
      socket.connect(rig.address());
      socket
          .getOutputStream()
          .write(
              ("GET /v2/a/blobs/" + digest + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
                  .getBytes(StandardCharsets.ISO_8859_1));
      InputStream in = socket.getInputStream();
      byte[] some = new byte[128 << 10];
      long total = 0;
      for (int count = in.read(some); count > 0; count = in.read(some)) {
        total += count;
        Thread.sleep(20); // Slow, all in all longer than the server's patience with silence.
      }
      assertTrue(total > blob.length, total + " bytes, head included");
    }
  }

  @Test
  void oneClientTooMany_isTurnedAwayInWords() throws Exception {
    startPatient();
    List<Socket> sockets = new ArrayList<>();
    try {
      String last = "";
      for (int i = 0; i < 9; i++) {
        Socket socket = connect("GET /v2/ HTTP/1.1\r\nHost: x\r\n\r\n");
        sockets.add(socket);
        byte[] some = new byte[15];
        socket.getInputStream().readNBytes(some, 0, some.length);
        last = new String(some, StandardCharsets.ISO_8859_1);
      }
      assertEquals("HTTP/1.1 503 Se", last);
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  @Test
  void clientThatWaitsForLeave_isTold() throws Exception {
    startPatient();
    String place = client.begin("a");
    Digest digest = Digest.sha256("12345".getBytes(StandardCharsets.UTF_8));
    try (Socket socket =
        connect(
            "PUT "
                + place
                + "?digest="
                + digest
                + " HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\nConnection: close\r\n\r\n")) {
      byte[] leave = socket.getInputStream().readNBytes(25);
      assertEquals("HTTP/1.1 100 Continue\r\n\r\n", new String(leave, StandardCharsets.ISO_8859_1));
      socket.getOutputStream().write("12345".getBytes(StandardCharsets.ISO_8859_1));
      assertTrue(untilEnd(socket).startsWith("HTTP/1.1 201 "));
    }
  }

  @Test
  void requestsInOneGo_areAnsweredInTheirOrder() throws Exception {
    Digest digest = client.push("a", "12345".getBytes(StandardCharsets.UTF_8));
    try (Socket socket =
        connect(
            "GET /v2/a/blobs/"
                + digest
                + " HTTP/1.1\r\nHost: x\r\n\r\nGET /v2/ HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")) {
      String answers = untilEnd(socket);

      assertTrue(answers.indexOf("12345HTTP/1.1 200 OK") > 0, answers);
      assertTrue(answers.endsWith("{}"), answers);
    }
  }

  @Test
  void refusedBody_doesNotTakeTheAnswerAway() throws Exception {
    startPatient();
    try (Socket socket =
        connect("PUT /v2/A/manifests/x HTTP/1.1\r\nHost: x\r\nContent-Length: 10000000\r\n\r\n")) {
      byte[] some = new byte[1 << 20];
      try {
        for (int i = 0; i < 9; i++) {
          socket.getOutputStream().write(some);
        }
      } catch (SocketException closed) {
        // The server need not take all of it.
      }
      assertTrue(untilEnd(socket).startsWith("HTTP/1.1 400 "));
    }
  }

  @Test
  void whatIsNotHttp_isRefused() throws Exception {
    try (Socket socket = connect("\u0016\u0003\u0001 nonsense\r\n\r\n")) {
      assertTrue(untilEnd(socket).startsWith("HTTP/1.1 400 "));
    }
    try (Socket socket =
        connect("GET /v2/" + "a".repeat(10_000) + " HTTP/1.1\r\nHost: x\r\n\r\n")) {
      assertTrue(untilEnd(socket).startsWith("HTTP/1.1 414 "));
    }
  }
}
