package io.gantry.docker.engine.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Arrays;

/**
 * The stream of documents that transfers and builds answer with: one per line, each line sent at
 * once.
 */
public final class JsonLines {
  private final Exchange exchange;
  private OutputStream out;

  private JsonLines(Exchange exchange) {
    this.exchange = exchange;
  }

  /** Sends lines until it is done. */
  @FunctionalInterface
  public interface Sender {
    void send(JsonLines lines) throws Exception;
  }

  /**
   * Answers with lines. The answer begins with the first one, so that a failure before that has a
   * status of its own; one that comes later is told as the last line.
   */
  public static void answer(Exchange exchange, Sender sender) throws Exception {
    JsonLines lines = new JsonLines(exchange);
    try {
      sender.send(lines);
    } catch (Exception e) {
      if (lines.out == null) {
        throw e;
      }
      lines.fail(Failures.of(e));
    }
    lines.begin().close();
  }

  public synchronized void send(ObjectNode line) throws IOException {
    byte[] json = Json.bytes(line);
    byte[] bytes = Arrays.copyOf(json, json.length + 2);
    bytes[json.length] = '\r';
    bytes[json.length + 1] = '\n';
    begin().write(bytes);
  }

  public void status(String words) throws IOException {
    send(Json.object().put("status", words));
  }

  private void fail(EngineException failure) throws IOException {
    ObjectNode line = Json.object();
    line.putObject("errorDetail").put("message", failure.getMessage());
    send(line.put("error", failure.getMessage()));
  }

  private synchronized OutputStream begin() throws IOException {
    if (out == null) {
      out = exchange.stream(200, "application/json");
    }
    return out;
  }
}
