package io.gantry.image.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.gantry.image.reference.Digest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** A registry in this process that takes uploads, and misbehaves as it is told. */
public final class UploadRegistry implements AutoCloseable {

  /** Something done instead of the usual. */
  public interface Misbehaviour {
    /** Returns whether it has answered, or broken the connection off. */
    boolean answer(HttpExchange exchange) throws IOException;
  }

  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final Map<String, byte[]> manifests = new ConcurrentHashMap<>();
  private final Map<String, Set<String>> blobs = new ConcurrentHashMap<>();
  private final Map<String, byte[]> contents = new ConcurrentHashMap<>();
  private final Map<String, ByteArrayOutputStream> uploads = new ConcurrentHashMap<>();
  private final AtomicInteger next = new AtomicInteger();
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private final List<String> ranges = new CopyOnWriteArrayList<>();
  private final List<Misbehaviour> misbehaviours = new CopyOnWriteArrayList<>();

  public UploadRegistry() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(threads);
    server.createContext("/v2/", this::serve);
    server.start();
  }

  public String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Asked first, each time; the first that answers ends it. */
  public void misbehave(Misbehaviour misbehaviour) {
    misbehaviours.add(misbehaviour);
  }

  /** {@code METHOD path?query}, in their order. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** The Content-Range of each chunk that was taken or refused. */
  public List<String> ranges() {
    return List.copyOf(ranges);
  }

  public long count(String beginning) {
    return requests.stream().filter(request -> request.startsWith(beginning)).count();
  }

  /** What a tag or digest stands for. */
  public byte[] manifest(String repository, String name) {
    return manifests.get(repository + ":" + name);
  }

  /** A blob that a repository has; null if it has not. */
  public byte[] blob(String repository, Digest digest) {
    return blobs.getOrDefault(repository, Set.of()).contains(digest.toString())
        ? contents.get(digest.toString())
        : null;
  }

  /** Takes some of a chunk and hangs up. */
  public void cutOff(HttpExchange exchange, int afterBytes) throws IOException {
    String id = exchange.getRequestURI().getPath().replaceAll(".*/", "");
    uploads.get(id).writeBytes(exchange.getRequestBody().readNBytes(afterBytes));
    exchange.close();
  }

  private void serve(HttpExchange exchange) throws IOException {
    String uri = exchange.getRequestURI().toString();
    requests.add(exchange.getRequestMethod() + " " + uri);
    for (Misbehaviour one : misbehaviours) {
      if (one.answer(exchange)) {
        return;
      }
    }
    String path = exchange.getRequestURI().getPath().substring("/v2/".length());
    if (path.isEmpty()) {
      answer(exchange, 200);
    } else if (path.contains("/blobs/uploads/")) {
      upload(exchange, path);
    } else if (path.contains("/blobs/")) {
      String repository = path.substring(0, path.indexOf("/blobs/"));
      boolean has =
          blobs
              .getOrDefault(repository, Set.of())
              .contains(path.substring(path.indexOf("/blobs/") + "/blobs/".length()));
      answer(exchange, has ? 200 : 404);
    } else {
      manifest(exchange, path);
    }
  }

  private void upload(HttpExchange exchange, String path) throws IOException {
    String repository = path.substring(0, path.indexOf("/blobs/"));
    String id = path.substring(path.lastIndexOf('/') + 1);
    Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
    switch (exchange.getRequestMethod()) {
      case "POST" -> {
        String mount = query.getOrDefault("mount", "");
        if (blobs.getOrDefault(query.getOrDefault("from", ""), Set.of()).contains(mount)) {
          blobs.computeIfAbsent(repository, any -> ConcurrentHashMap.newKeySet()).add(mount);
          answer(exchange, 201);
          return;
        }
        String fresh = "u" + next.incrementAndGet();
        uploads.put(fresh, new ByteArrayOutputStream());
        at(exchange, repository, fresh);
        answer(exchange, 202);
      }
      case "PATCH" -> {
        ByteArrayOutputStream there = uploads.get(id);
        String range = exchange.getRequestHeaders().getFirst("Content-Range");
        ranges.add(range);
        if (there == null || !range.startsWith(there.size() + "-")) {
          answer(exchange, there == null ? 404 : 416);
          return;
        }
        there.writeBytes(exchange.getRequestBody().readAllBytes());
        at(exchange, repository, id);
        answer(exchange, 202);
      }
      case "GET" -> {
        if (uploads.containsKey(id)) {
          at(exchange, repository, id);
        }
        answer(exchange, uploads.containsKey(id) ? 204 : 404);
      }
      default -> {
        byte[] bytes = uploads.remove(id).toByteArray();
        String digest = query.get("digest");
        if (!Digest.sha256(bytes).toString().equals(digest)) {
          answer(exchange, 400);
          return;
        }
        contents.put(digest, bytes);
        blobs.computeIfAbsent(repository, any -> ConcurrentHashMap.newKeySet()).add(digest);
        answer(exchange, 201);
      }
    }
  }

  private void at(HttpExchange exchange, String repository, String id) {
    int size = uploads.get(id).size();
    exchange
        .getResponseHeaders()
        .add("Location", "/v2/" + repository + "/blobs/uploads/" + id + "?_state=x");
    exchange.getResponseHeaders().add("Range", "0-" + Math.max(0, size - 1));
  }

  private static Map<String, String> query(String raw) {
    Map<String, String> query = new ConcurrentHashMap<>();
    for (String pair : raw == null ? new String[0] : raw.split("&")) {
      String[] parts = pair.split("=", 2);
      query.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
    }
    return query;
  }

  private void manifest(HttpExchange exchange, String path) throws IOException {
    String repository = path.substring(0, path.indexOf("/manifests/"));
    String name = path.substring(path.indexOf("/manifests/") + "/manifests/".length());
    if (exchange.getRequestMethod().equals("PUT")) {
      byte[] bytes = exchange.getRequestBody().readAllBytes();
      manifests.put(repository + ":" + name, bytes);
      manifests.put(repository + ":" + Digest.sha256(bytes), bytes);
      exchange.getResponseHeaders().add("Docker-Content-Digest", Digest.sha256(bytes).toString());
      answer(exchange, 201);
      return;
    }
    byte[] there = manifests.get(repository + ":" + name);
    if (there != null) {
      exchange.getResponseHeaders().add("Docker-Content-Digest", Digest.sha256(there).toString());
    }
    answer(exchange, there == null ? 404 : 200);
  }

  /** Answers without a body. */
  public static void answer(HttpExchange exchange, int status) throws IOException {
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(status, -1);
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
