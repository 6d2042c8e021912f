package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.node.NodeDirectory;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Docker;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The Engine API over TCP, where both sides show certificates, and attaching by a WebSocket. */
@Tag("root")
class EngineTlsIT {
  private static final char[] PASSWORD = "trial".toCharArray();

  @RegisterExtension static final TestNode node = TestNode.withBusybox(EngineTlsIT::configuration);

  private static int port;
  @RegisterExtension private final Docker docker = node.docker();

  private static String configuration(NodeDirectory directory) {
    Path place = directory.path();
    for (String authority : List.of("ca", "stranger")) {
      openssl(
          place, "req -x509 -subj /CN=%1$s -keyout %1$s.key -out %1$s.pem".formatted(authority));
    }
    issue(place, "ca", "server", "subjectAltName=IP:127.0.0.1");
    issue(place, "ca", "client", "extendedKeyUsage=clientAuth");
    issue(place, "stranger", "intruder", "extendedKeyUsage=clientAuth");
    openssl(
        place,
        "pkcs12 -export -in client.pem -inkey client.key -out client.p12 -passout pass:"
            + new String(PASSWORD));
    port = freePort();
    return """

    [docker]
    listen = "127.0.0.1:%d"
    tls_ca = "%s"
    tls_cert = "%s"
    tls_key = "%s"
    """
        .formatted(
            port,
            place.resolve("ca.pem"),
            place.resolve("server.pem"),
            place.resolve("server.key"));
  }

  private static void issue(Path place, String authority, String name, String extension) {
    openssl(
        place,
        "req -x509 -subj /CN=%2$s -keyout %2$s.key -out %2$s.pem -CA %1$s.pem -CAkey %1$s.key -addext %3$s"
            .formatted(authority, name, extension));
  }

  private static void openssl(Path place, String arguments) {
    List<String> words = new ArrayList<>(List.of("openssl"));
    words.addAll(List.of(arguments.split(" ")));
    if (words.contains("req")) {
      words.addAll(List.of("-newkey", "rsa:2048", "-nodes"));
    }
    Command.of(words).in(place).run().orFail();
  }

  private static int freePort() {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The docker command over TCP, with somebody's certificate. */
  private static Command overTcp(String who, String... arguments) {
    Path place = node.directory().path();
    List<String> words =
        new ArrayList<>(
            List.of(
                "docker",
                "--tlsverify",
                "--tlscacert=" + place.resolve("ca.pem"),
                "--tlscert=" + place.resolve(who + ".pem"),
                "--tlskey=" + place.resolve(who + ".key")));
    words.addAll(List.of(arguments));
    return Command.of(words)
        .with(
            Map.of(
                "DOCKER_HOST", "tcp://127.0.0.1:" + port, "DOCKER_CONFIG", place + "/no-config"));
  }

  @Test
  void client_withTheAuthoritysCertificate_runsAndTalks() {
    Command.Outcome outcome =
        overTcp(
                "client",
                "run",
                "-i",
                "--rm",
                "--network",
                "none",
                node.busybox(),
                "sh",
                "-c",
                "cat; exit 7")
            .reading("over TLS\n".repeat(10_000).getBytes(StandardCharsets.US_ASCII))
            .run();

    assertEquals("over TLS\n".repeat(10_000), outcome.stdout());
    assertEquals(7, outcome.exitCode(), outcome::toString);
  }

  @Test
  void client_withoutACertificateOfTheAuthoritys_isTurnedAway() {
    Command.Outcome intruder = overTcp("intruder", "ps").run();
    assertEquals(1, intruder.exitCode(), intruder::toString);
    assertTrue(intruder.stderr().contains("tls: "), intruder::toString);

    Command.Outcome anonymous =
        Command.of(
                "curl",
                "-s",
                "-S",
                "--cacert",
                node.directory().path().resolve("ca.pem").toString(),
                "https://127.0.0.1:" + port + "/_ping")
            .run();
    assertTrue(!anonymous.succeeded() && anonymous.stdout().isEmpty(), anonymous::toString);

    Command.Outcome plain =
        Command.of("curl", "-s", "-S", "http://127.0.0.1:" + port + "/_ping").run();
    assertTrue(!plain.succeeded() && plain.stdout().isEmpty(), plain::toString);
  }

  @Test
  void webSocket_isAttachedToAContainersStreams() throws Exception {
    String id = docker.out("create", "-i", "--network", "none", node.busybox(), "cat");
    docker.out("start", id);
    Transcript transcript = new Transcript();
    WebSocket socket =
        HttpClient.newBuilder()
            .sslContext(clientsContext())
            .build()
            .newWebSocketBuilder()
            .buildAsync(
                URI.create(
                    "wss://127.0.0.1:%d/v1.41/containers/%s/attach/ws?stream=1&stdin=1&stdout=1&stderr=1"
                        .formatted(port, id)),
                transcript)
            .get(60, TimeUnit.SECONDS);

    socket.sendBinary(ByteBuffer.wrap("to and fro\n".getBytes(StandardCharsets.US_ASCII)), true);

    transcript.await("to and fro\n");
    docker.out("kill", id);
    assertEquals(WebSocket.NORMAL_CLOSURE, transcript.closed.get(60, TimeUnit.SECONDS));
  }

  private static SSLContext clientsContext() throws GeneralSecurityException, IOException {
    Path place = node.directory().path();
    KeyManagerFactory own = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    try (InputStream file = Files.newInputStream(place.resolve("client.p12"))) {
      KeyStore keys = KeyStore.getInstance("PKCS12");
      keys.load(file, PASSWORD);
      own.init(keys, PASSWORD);
    }
    TrustManagerFactory trusted =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    try (InputStream file = Files.newInputStream(place.resolve("ca.pem"))) {
      KeyStore authorities = KeyStore.getInstance("PKCS12");
      authorities.load(null, null);
      authorities.setCertificateEntry(
          "ca",
          java.security.cert.CertificateFactory.getInstance("X.509").generateCertificate(file));
      trusted.init(authorities);
    }
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(own.getKeyManagers(), trusted.getTrustManagers(), null);
    return context;
  }

  /** What a WebSocket has brought. */
  private static final class Transcript implements WebSocket.Listener {
    private final StringBuilder text = new StringBuilder();
    private final CompletableFuture<Integer> closed = new CompletableFuture<>();

    @Override
    public synchronized CompletionStage<?> onBinary(
        WebSocket socket, ByteBuffer data, boolean last) {
      text.append(StandardCharsets.US_ASCII.decode(data));
      notifyAll();
      socket.request(1);
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      closed.complete(code);
      return null;
    }

    @Override
    public void onError(WebSocket socket, Throwable failure) {
      closed.completeExceptionally(failure);
    }

    /** Waits for as much, and for nothing else. */
    synchronized void await(String expected) throws InterruptedException {
      long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
      while (text.length() < expected.length() && System.nanoTime() < end) {
        wait(1000);
      }
      assertEquals(expected, text.toString());
    }
  }
}
