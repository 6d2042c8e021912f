package io.gantry.tests.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/**
 * Stands before a registry and hands on what it says, but keeps back the second half of one blob
 * until it is told to go on.
 */
public final class HoldingProxy implements AutoCloseable {
  private static final int PATIENCE_SECONDS = 60;

  private final String registry;
  private final String heldDigest;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final HttpClient http = HttpClient.newHttpClient();
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  /**
   * Begins to serve.
   *
   * @param registry where the images are: {@code http://HOST:PORT}
   * @param heldDigest the blob to keep half of
   */
  public HoldingProxy(String registry, String heldDigest) {
    this.registry = registry;
    this.heldDigest = heldDigest;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException("listen", e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handOn);
    server.start();
  }

  public String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort();
  }

  /** Waits until somebody has got the first half. */
  public void awaitHeld() throws InterruptedException {
    if (!reached.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("nobody asked for " + heldDigest);
    }
  }

  public void release() {
    released.countDown();
  }

  private void handOn(HttpExchange exchange) throws IOException {
    try (exchange) {
      HttpRequest.Builder request =
          HttpRequest.newBuilder(URI.create(registry + exchange.getRequestURI()))
              .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.noBody());
      exchange.getRequestHeaders().getOrDefault("Accept", java.util.List.of()).stream()
          .forEach(accept -> request.header("Accept", accept));
      HttpResponse<byte[]> answer =
          http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
      answer
          .headers()
          .map()
          .forEach(
              (name, values) -> {
                if (!name.equalsIgnoreCase("content-length")) {
                  values.forEach(value -> exchange.getResponseHeaders().add(name, value));
                }
              });
      send(exchange, answer.statusCode(), answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void send(HttpExchange exchange, int status, byte[] body)
      throws IOException, InterruptedException {
    boolean head = exchange.getRequestMethod().equals("HEAD");
    exchange.sendResponseHeaders(status, head || body.length == 0 ? -1 : body.length);
    if (head) {
      return;
    }
    try (OutputStream out = exchange.getResponseBody()) {
      int half = body.length / 2;
      out.write(body, 0, half);
      if (exchange.getRequestURI().getPath().endsWith(heldDigest)) {
        out.flush();
        reached.countDown();
        released.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
      }
      out.write(body, half, body.length - half);
    }
  }

  @Override
  public void close() {
    release();
    server.stop(0);
    threads.shutdownNow();
  }
}
