package io.gantry.image.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.gantry.image.manifest.MediaTypes;
import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** A registry in this process, that serves what it is given and misbehaves as it is told. */
public final class TestRegistry implements AutoCloseable {

  /** Something done instead of the usual; may leave the exchange alone. */
  public interface Misbehaviour {
    /** Returns whether it has answered. */
    boolean answer(HttpExchange exchange) throws IOException;
  }

  /** A request as it came. */
  public record Request(
      String method, String path, String query, Map<String, List<String>> headers) {
    public String header(String name) {
      return headers.getOrDefault(name, List.of("")).get(0);
    }
  }

  private record Content(String mediaType, byte[] bytes) {}

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, Content> contents = new ConcurrentHashMap<>();
  private final List<Misbehaviour> misbehaviours = new CopyOnWriteArrayList<>();
  private final List<Request> requests = new CopyOnWriteArrayList<>();

  /** One that speaks plain HTTP. */
  public TestRegistry() throws IOException {
    this(HttpServer.create(), InetAddress.getLoopbackAddress());
  }

  /** One that speaks plain HTTP at that address. */
  public TestRegistry(InetAddress address) throws IOException {
    this(HttpServer.create(), address);
  }

  /** One that speaks TLS. */
  public TestRegistry(HttpsConfigurator tls) throws IOException {
    this(secured(tls), InetAddress.getLoopbackAddress());
  }

  private TestRegistry(HttpServer unbound, InetAddress address) throws IOException {
    server = unbound;
    server.bind(new InetSocketAddress(address, 0), 0);
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  private static HttpServer secured(HttpsConfigurator tls) throws IOException {
    HttpsServer server = HttpsServer.create();
    server.setHttpsConfigurator(tls);
    return server;
  }

  public String host() {
    boolean ipv6 = server.getAddress().getAddress() instanceof Inet6Address;
    return (ipv6 ? "[::1]:" : "127.0.0.1:") + port();
  }

  public int port() {
    return server.getAddress().getPort();
  }

  public List<Request> requests() {
    return requests;
  }

  public long count(String method, String pathPart) {
    return requests.stream()
        .filter(r -> r.method().equals(method) && r.path().contains(pathPart))
        .count();
  }

  public void misbehave(Misbehaviour misbehaviour) {
    misbehaviours.add(misbehaviour);
  }

  /** Answers each request with that status, as often as told. */
  public void failing(int times, String pathPart, int status, String... headers) {
    int[] left = {times};
    misbehave(
        exchange -> {
          synchronized (left) {
            if (!exchange.getRequestURI().getPath().contains(pathPart) || left[0]-- <= 0) {
              return false;
            }
          }
          for (int i = 0; i < headers.length; i += 2) {
            exchange.getResponseHeaders().add(headers[i], headers[i + 1]);
          }
          respond(exchange, status, new byte[0]);
          return true;
        });
  }

  public Digest blob(String repository, byte[] bytes) {
    Digest digest = Digest.sha256(bytes);
    contents.put(
        "/v2/" + repository + "/blobs/" + digest, new Content("application/octet-stream", bytes));
    return digest;
  }

  public Digest manifest(String repository, String tag, String mediaType, String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    Digest digest = Digest.sha256(bytes);
    contents.put("/v2/" + repository + "/manifests/" + tag, new Content(mediaType, bytes));
    contents.put("/v2/" + repository + "/manifests/" + digest, new Content(mediaType, bytes));
    return digest;
  }

  /** What is said to belong to a manifest. */
  public void referrers(String repository, Digest subject, String json) {
    contents.put(
        "/v2/" + repository + "/referrers/" + subject,
        new Content(MediaTypes.OCI_INDEX, json.getBytes(StandardCharsets.UTF_8)));
  }

  /** In bytes. */
  public int manifestSize(String repository, String tag) {
    return contents.get("/v2/" + repository + "/manifests/" + tag).bytes().length;
  }

  /**
   * Makes an image of layers, each given as registries hold it and as it unpacks, and returns the
   * manifest's digest.
   */
  public Digest image(
      String repository, String tag, List<byte[]> layers, List<byte[]> unpacked, String config) {
    String diffIds =
        String.join(",", unpacked.stream().map(tar -> "\"" + Digest.sha256(tar) + "\"").toList());
    byte[] document =
        ("{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":"
                + config
                + ",\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
                + diffIds
                + "]}}")
            .getBytes(StandardCharsets.UTF_8);
    blob(repository, document);
    layers.forEach(layer -> blob(repository, layer));
    String descriptors =
        String.join(
            ",",
            layers.stream()
                .map(layer -> descriptor("application/vnd.oci.image.layer.v1.tar+gzip", layer))
                .toList());
    String manifest =
        "{\"schemaVersion\":2,\"config\":"
            + descriptor(MediaTypes.OCI_CONFIG, document)
            + ",\"layers\":["
            + descriptors
            + "]}";
    return manifest(repository, tag, MediaTypes.OCI_MANIFEST, manifest);
  }

  public static String descriptor(String mediaType, byte[] bytes) {
    return "{\"mediaType\":\""
        + mediaType
        + "\",\"digest\":\""
        + Digest.sha256(bytes)
        + "\",\"size\":"
        + bytes.length
        + "}";
  }

  /** Puts other bytes where the registry has these. */
  public void corrupt(String repository, Digest blob, byte[] other) {
    contents.put(
        "/v2/" + repository + "/blobs/" + blob, new Content("application/octet-stream", other));
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      String path = exchange.getRequestURI().getPath();
      requests.add(
          new Request(
              exchange.getRequestMethod(),
              path,
              exchange.getRequestURI().getRawQuery(),
              Map.copyOf(exchange.getRequestHeaders())));
      for (Misbehaviour misbehaviour : misbehaviours) {
        if (misbehaviour.answer(exchange)) {
          return;
        }
      }
      serve(exchange, contents.get(path));
    }
  }

  private static void serve(HttpExchange exchange, Content content) throws IOException {
    if (content == null) {
      byte[] error =
          "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\",\"message\":\"manifest unknown\"}]}"
              .getBytes(StandardCharsets.UTF_8);
      respond(exchange, 404, error);
      return;
    }
    exchange.getResponseHeaders().add("Content-Type", content.mediaType());
    exchange
        .getResponseHeaders()
        .add("Docker-Content-Digest", Digest.sha256(content.bytes()).toString());
    if (exchange.getRequestMethod().equals("HEAD")) {
      exchange.sendResponseHeaders(200, -1);
      return;
    }
    String range = exchange.getRequestHeaders().getFirst("Range");
    if (range != null) {
      String[] ends = range.substring("bytes=".length()).split("-", 2);
      int start = Integer.parseInt(ends[0]);
      int last = content.bytes().length - 1;
      int end = ends[1].isEmpty() ? last : Math.min(last, Integer.parseInt(ends[1]));
      exchange
          .getResponseHeaders()
          .add("Content-Range", "bytes " + start + "-" + end + "/" + content.bytes().length);
      respond(exchange, 206, Arrays.copyOfRange(content.bytes(), start, end + 1));
      return;
    }
    respond(exchange, 200, content.bytes());
  }

  public static void respond(HttpExchange exchange, int status, byte[] bytes) throws IOException {
    exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
    if (bytes.length > 0) {
      exchange.getResponseBody().write(bytes);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
