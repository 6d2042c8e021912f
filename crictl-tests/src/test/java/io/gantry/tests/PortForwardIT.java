package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.tests.cri.Configs;
import io.gantry.tests.node.TestNode;
import io.gantry.tests.node.TestPod;
import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Interactive;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** crictl port-forward. */
@Tag("root")
class PortForwardIT {

  @RegisterExtension static final TestNode node = TestNode.withBusybox();

  private static final Pattern FORWARDING =
      Pattern.compile("Forwarding from 127\\.0\\.0\\.1:(\\d+)");
  private static final Pattern CHECKED = Pattern.compile("checked: answers (\\d+) (wrong .*)");
  private static final String SERVER =
      "mkdir /srv; echo hello > /srv/small;"
          + " head -c 8000000 /dev/zero > /srv/large; exec httpd -f -p 127.0.0.1:%d -h /srv";

  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(20))
          .build();

  private static Interactive forward(String transport, TestPod pod, int port) {
    return Interactive.start(
        node.crictl().command("port-forward", "--transport", transport, pod.id(), ":" + port));
  }

  private static int localPort(Interactive forwarding) {
    Matcher matcher = FORWARDING.matcher(forwarding.await("Forwarding from 127.0.0.1:"));
    assertTrue(matcher.find());
    return Integer.parseInt(matcher.group(1));
  }

  /** crictl gives up forwarding at the first connection that is refused. */
  private static void awaitServing(TestPod pod, String container, int port) {
    awaitServing(pod, container, port, "small");
  }

  private static void awaitServing(TestPod pod, String container, int port, String file) {
    String url = "http://127.0.0.1:" + port + "/" + file;
    Eventually.get(
        "an answer at " + url,
        Duration.ofSeconds(30),
        () -> pod.exec(container, "wget", "-q", "-O-", url).getExitCode(),
        code -> code == 0);
  }

  private CompletableFuture<HttpResponse<byte[]>> get(int port, String file) {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/" + file))
            .timeout(Duration.ofSeconds(60))
            .build();
    return http.sendAsync(request, HttpResponse.BodyHandlers.ofByteArray());
  }

  @ParameterizedTest
  @ValueSource(strings = {"spdy", "websocket"})
  void connections_reachThePodsLoopbackByTheHundred(String transport) {
    try (TestPod pod = TestPod.run(node)) {
      awaitServing(pod, pod.run("server", "sh", "-c", SERVER.formatted(80)), 80);
      try (Interactive forwarding = forward(transport, pod, 80)) {
        int port = localPort(forwarding);
        List<CompletableFuture<HttpResponse<byte[]>>> answers = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
          answers.add(get(port, "small"));
        }
        for (CompletableFuture<HttpResponse<byte[]>> answer : answers) {
          assertEquals("hello\n", new String(answer.join().body(), StandardCharsets.UTF_8));
        }
        assertEquals(8_000_000, get(port, "large").join().body().length);
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"spdy,keep-alive", "spdy,close", "websocket,keep-alive", "websocket,close"})
  void load_isAnsweredWholeAndRight(String transport, String connection) throws Exception {
    Path script = Checkout.root().resolve("crictl-tests/src/test/resources/check-answers.lua");
    node.registry().open().push("test/nginx", "80", node.registry().images().nginx(80));
    String image = node.registry().open().reference("test/nginx:80");
    node.crictl().out("pull", image);
    try (TestPod pod = TestPod.run(node)) {
      String server =
          pod.run("server", config -> config.setImage(ImageSpec.newBuilder().setImage(image)));
      awaitServing(pod, server, 80, "index.html");
      try (Interactive forwarding = forward(transport, pod, 80)) {
        int port = localPort(forwarding);
        String told =
            Command.of(
                    "wrk",
                    "--threads=1",
                    "--connections=50",
                    "--duration=5s",
                    "--timeout=30s",
                    "--header=Connection: " + connection,
                    "--script=" + script,
                    "http://127.0.0.1:" + port + "/index.html",
                    "--",
                    "<html>served by nginx</html>\n")
                .run()
                .orFail()
                .stdout();

        Matcher checked = CHECKED.matcher(told);
        assertTrue(checked.find(), told);
        System.out.println(transport + ", " + connection + ": " + checked.group());
        assertTrue(Integer.parseInt(checked.group(1)) > 200, told);
        assertEquals("wrong 0 connect 0 read 0 write 0 timeout 0", checked.group(2), told);
        // wrk leaves in the middle of what it has asked; who comes after is served as before.
        assertEquals(200, get(port, "index.html").join().statusCode());
      }
    }
  }

  @Test
  void portThatNobodyServes_isToldInWords() throws Exception {
    try (TestPod pod = TestPod.run(node);
        Interactive forwarding = forward("spdy", pod, 81)) {
      get(localPort(forwarding), "small").handle((answer, failure) -> failure).join();

      forwarding.await("connect to 127.0.0.1:81: ECONNREFUSED");
    }
  }

  @Test
  void hostNetworkPod_isDialedOnTheHost() throws IOException {
    int free;
    try (ServerSocket socket = new ServerSocket(0)) {
      free = socket.getLocalPort();
    }
    NamespaceOption host = NamespaceOption.newBuilder().setNetwork(NamespaceMode.NODE).build();
    try (TestPod pod =
        TestPod.run(
            node,
            Configs.podSecurity(security -> security.setNamespaceOptions(host))
                .andThen(config -> config.clearHostname()))) {
      String server =
          pod.run(
              "server",
              Configs.security(security -> security.setNamespaceOptions(host))
                  .andThen(
                      config -> config.addAllCommand(List.of("sh", "-c", SERVER.formatted(free)))));
      awaitServing(pod, server, free);
      try (Interactive forwarding = forward("spdy", pod, free)) {
        byte[] body = get(localPort(forwarding), "small").join().body();

        assertEquals("hello\n", new String(body, StandardCharsets.UTF_8));
      }
    }
  }

  @Test
  void stoppedPod_isRefused() {
    try (TestPod pod = TestPod.run(node)) {
      node.crictl().out("stopp", pod.id());

      String words = node.crictl().refusal("port-forward", pod.id(), ":80");

      assertTrue(words.contains("not ready"), words);
    }
  }
}
