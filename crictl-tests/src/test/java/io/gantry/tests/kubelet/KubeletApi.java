package io.gantry.tests.kubelet;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Interactive;
import io.gantry.tests.tools.Patience;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509ExtendedTrustManager;

/** The kubelet's own API, which an API server calls for `kubectl logs`, `exec` and the like. */
final class KubeletApi {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration ANSWER = Duration.ofSeconds(20);

  private final int port;
  private final Path client;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(trusting()).build();

  KubeletApi(int port, Path client) {
    this.port = port;
    this.client = client;
  }

  /** How the client of exec and port-forward speaks. */
  enum Wire {
    SPDY,
    WEBSOCKET
  }

  /**
   * GETs a path.
   *
   * @throws UncheckedIOException if nobody answers
   * @throws AssertionError for any other answer than 200
   */
  String get(String path) {
    return send(request(path).GET());
  }

  JsonNode json(String path) {
    try {
      return JSON.readTree(get(path));
    } catch (IOException e) {
      throw new UncheckedIOException("GET " + path, e);
    }
  }

  /**
   * Runs a program in a container by ExecSync, and returns what it wrote.
   *
   * @param words the kubelet parts them at blanks, so there is none in them
   */
  String run(String pod, String container, String... words) {
    String command = URLEncoder.encode(String.join(" ", words), StandardCharsets.UTF_8);
    return send(
        request("/run/" + StaticPod.NAMESPACE + "/" + pod + "/" + container + "?cmd=" + command)
            .POST(HttpRequest.BodyPublishers.noBody()));
  }

  /** A metric's value, summed over its labels; 0 if there is none of the name. */
  double metric(String name) {
    return get("/metrics")
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
        .sum();
  }

  /** `kubectl exec`, without a terminal. */
  Command exec(Wire wire, String pod, String container, byte[] stdin, String... words) {
    List<String> all = program(wire);
    if (stdin.length > 0) {
      all.add("-stdin");
    }
    all.add("exec");
    all.add(
        url("/exec/" + StaticPod.NAMESPACE + "/" + pod + "/" + container)
            + "?output=1&error=1"
            + (stdin.length > 0 ? "&input=1&" : "&")
            + command(words));
    return Command.of(all).reading(stdin);
  }

  /** `kubectl exec -it` or, without words, `kubectl attach -it`. */
  Interactive terminal(Wire wire, String pod, String container, String... words) {
    List<String> all = program(wire);
    all.addAll(List.of("-stdin", "-tty", "exec"));
    all.add(
        url(
                (words.length > 0 ? "/exec/" : "/attach/")
                    + StaticPod.NAMESPACE
                    + "/"
                    + pod
                    + "/"
                    + container)
            + "?output=1&input=1&tty=1"
            + (words.length > 0 ? "&" + command(words) : ""));
    return Interactive.start(Command.of(all));
  }

  /** `kubectl port-forward`, until it is closed. */
  Forward forward(Wire wire, String pod, int podPort) {
    List<String> all = program(wire);
    all.addAll(
        List.of(
            "forward",
            url("/portForward/" + StaticPod.NAMESPACE + "/" + pod),
            Integer.toString(podPort)));
    return new Forward(Interactive.start(Command.of(all)));
  }

  /** A local port that leads into a pod. */
  static final class Forward implements AutoCloseable {
    private final Interactive program;
    private final int port;

    private Forward(Interactive program) {
      this.program = program;
      // The port is its first line.
      this.port = Integer.parseInt(program.await("\n").lines().findFirst().orElseThrow());
    }

    int port() {
      return port;
    }

    @Override
    public void close() {
      program.close();
    }
  }

  private List<String> program(Wire wire) {
    List<String> words = new ArrayList<>(List.of(client.toString()));
    if (wire == Wire.WEBSOCKET) {
      words.add("-websocket");
    }
    return words;
  }

  private String url(String path) {
    return "https://127.0.0.1:" + port + path;
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(url(path))).timeout(Patience.of(ANSWER));
  }

  private String send(HttpRequest.Builder builder) {
    HttpRequest request = builder.build();
    try {
      HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new AssertionError(
            request.uri() + ": " + response.statusCode() + " " + response.body());
      }
      return response.body();
    } catch (IOException e) {
      throw new UncheckedIOException(request.method() + " " + request.uri(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted at " + request.uri(), e);
    }
  }

  private static String command(String... words) {
    return Stream.of(words)
        .map(word -> "command=" + URLEncoder.encode(word, StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  /** The kubelet has made its certificate itself, for nobody to check. */
  private static SSLContext trusting() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Everybody()}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("TLS is part of every JDK", e);
    }
  }

  // The extended kind, so that the host's name is not compared either.
  private static final class Everybody extends X509ExtendedTrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }
}
