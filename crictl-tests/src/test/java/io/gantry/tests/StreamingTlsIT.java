package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.gantry.proto.cri.v1.ExecRequest;
import io.gantry.tests.node.NodeDirectory;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Interactive;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** crictl exec, attach and port-forward where the streaming server has a certificate. */
@Tag("root")
class StreamingTlsIT {

  @RegisterExtension
  static final TestNode node = TestNode.withBusybox(StreamingTlsIT::configuration);

  private static final Pattern FORWARDING =
      Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+)");

  private static String configuration(NodeDirectory directory) {
    Path place = directory.path();
    openssl(
        place, "req -x509 -newkey rsa:2048 -nodes -subj /CN=other -keyout ca.key -out other.pem");
    openssl(
        place, "req -x509 -newkey rsa:2048 -nodes -subj /CN=authority -keyout ca.key -out ca.pem");
    openssl(
        place,
        "req -x509 -newkey rsa:2048 -nodes -subj /CN=node -keyout node.key -out node.pem"
            + " -CA ca.pem -CAkey ca.key -addext subjectAltName=DNS:node.test"
            + " -addext basicConstraints=critical,CA:FALSE");
    return """

        [streaming]
        tls_cert = "%s"
        tls_key = "%s"
        """
        .formatted(place.resolve("node.pem"), place.resolve("node.key"));
  }

  private static void openssl(Path place, String arguments) {
    List<String> words = new ArrayList<>(List.of("openssl"));
    words.addAll(List.of(arguments.split(" ")));
    Command.of(words).in(place).run().orFail();
  }

  @BeforeEach
  void needsGantry() {
    assumeTrue(TestNode.isGantry(), "configured as gantry is");
  }

  private static Command streaming(String transport, String verb, String... arguments) {
    List<String> all =
        new ArrayList<>(List.of(verb, "--transport", transport, "--tls-server-name", "node.test"));
    all.addAll(trusting("ca.pem"));
    all.addAll(List.of(arguments));
    return node.crictl().command(all.toArray(new String[0]));
  }

  /** crictl wants a certificate of its own as well, which gantryd does not ask for. */
  private static List<String> trusting(String authority) {
    Path place = node.directory().path();
    return List.of(
        "--tls-ca",
        place.resolve(authority).toString(),
        "--tls-cert",
        place.resolve("node.pem").toString(),
        "--tls-key",
        place.resolve("node.key").toString());
  }

  @ParameterizedTest
  @ValueSource(strings = {"spdy", "websocket"})
  void exec_overTls(String transport) {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("sleeper", "sleep", "1000");

      Command.Outcome outcome =
          streaming(transport, "exec", "-i", container, "sh", "-c", "cat; exit 7")
              .reading("over TLS\n".repeat(10_000).getBytes(StandardCharsets.US_ASCII))
              .run();

      assertEquals("over TLS\n".repeat(10_000), outcome.stdout());
      assertTrue(outcome.stderr().contains("exit code 7"), outcome.stderr());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"spdy", "websocket"})
  void attach_overTls(String transport) throws Exception {
    try (TestPod pod = TestPod.run(node)) {
      String container =
          pod.run(
              "talker",
              config ->
                  config
                      .setStdin(true)
                      .addAllCommand(
                          List.of("sh", "-c", "while read word; do echo heard $word; done")));
      try (Interactive client =
          Interactive.start(streaming(transport, "attach", "-i", container))) {
        client.type("one\n");
        client.await("heard one");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"spdy", "websocket"})
  void portForward_overTls(String transport) throws Exception {
    try (TestPod pod = TestPod.run(node)) {
      pod.run("server", "sh", "-c", "while true; do echo hello | nc -l -p 80; done");
      try (Interactive forwarding =
          Interactive.start(streaming(transport, "port-forward", pod.id(), ":80"))) {
        Matcher told = FORWARDING.matcher(forwarding.await("Forwarding from 127.0.0.1:"));
        assertTrue(told.find());
        try (var socket = new Socket("127.0.0.1", Integer.parseInt(told.group(1)))) {
          assertEquals(
              "hello\n",
              new String(socket.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        }
      }
    }
  }

  @Test
  void certificateOfAnotherAuthority_isNotTrusted() {
    assertTrue(refusal("other.pem", "node.test").contains("signed by unknown authority"));
  }

  @Test
  void nameThatIsNotInTheCertificate_isNotTrusted() {
    assertTrue(refusal("ca.pem", "other.test").contains("node.test, not other.test"));
  }

  private static String refusal(String authority, String name) {
    try (TestPod pod = TestPod.run(node)) {
      List<String> all = new ArrayList<>(List.of("exec", "--tls-server-name", name));
      all.addAll(trusting(authority));
      all.addAll(List.of(pod.run("sleeper", "sleep", "1000"), "true"));
      return node.crictl().refusal(all.toArray(new String[0]));
    }
  }

  @Test
  void clientWithoutTls_getsNothing() throws Exception {
    try (TestPod pod = TestPod.run(node)) {
      String container = pod.run("sleeper", "sleep", "1000");
      URI url =
          URI.create(
              node.cri()
                  .runtime()
                  .exec(
                      ExecRequest.newBuilder()
                          .setContainerId(container)
                          .addCmd("true")
                          .setStdout(true)
                          .build())
                  .getUrl());
      assertEquals("https", url.getScheme());
      URI plain = URI.create(url.toString().replace("https:", "http:"));
      assertThrows(
          IOException.class,
          () ->
              HttpClient.newHttpClient()
                  .send(
                      HttpRequest.newBuilder(plain).build(),
                      HttpResponse.BodyHandlers.discarding()));
    }
  }
}
