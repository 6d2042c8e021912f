package io.gantry.docker.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An engine that says what a test has told it to, over a real unix socket, and remembers what it
 * was asked. Each request is known by its method and its target without the version: {@code GET
 * /containers/json?all=1}.
 */
final class ScriptedEngine implements AutoCloseable {
  private final ServerSocketChannel server;
  private final Path socket;
  private final Map<String, Deque<Answer>> answers = new LinkedHashMap<>();
  private final List<Asked> asked = Collections.synchronizedList(new ArrayList<>());

  /** A request as it came. */
  record Asked(String line, String version, Map<String, String> headers, String body) {}

  /** Writes an answer, after the request was read but for what comes raw. */
  interface Answer {
    void give(InputStream in, OutputStream out) throws IOException;
  }

  ScriptedEngine(Path directory) throws IOException {
    socket = directory.resolve("engine.sock");
    server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(socket));
    Thread thread = new Thread(this::accept, "scripted engine");
    thread.setDaemon(true);
    thread.start();
  }

  String host() {
    return "unix://" + socket;
  }

  List<Asked> asked() {
    return List.copyOf(asked);
  }

  /** The lines of all requests, in their order. */
  List<String> lines() {
    return asked().stream().map(Asked::line).toList();
  }

  /** The body of the first request of that line. */
  String body(String line) {
    return asked().stream()
        .filter(each -> each.line().equals(line))
        .findFirst()
        .orElseThrow()
        .body();
  }

  /** Answers of one line are given one after another, the last one again and again. */
  synchronized ScriptedEngine on(String line, Answer answer) {
    answers.computeIfAbsent(line, key -> new ArrayDeque<>()).add(answer);
    return this;
  }

  ScriptedEngine on(String line, int status, String body) {
    return on(line, (in, out) -> write(out, status, body));
  }

  ScriptedEngine on(String line, String body) {
    return on(line, 200, body);
  }

  /**
   * Takes the connection over, and writes what is given; then waits until the client has ended its
   * output.
   */
  ScriptedEngine hijacked(String line, byte[] output, ByteArrayOutputStream input) {
    return on(
        line,
        (in, out) -> {
          out.write(
              "HTTP/1.1 101 UPGRADED\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n"
                  .getBytes(StandardCharsets.UTF_8));
          out.write(output);
          out.flush();
          if (input != null) {
            in.transferTo(input);
          }
        });
  }

  /** A frame of the stream that holds standard output (1) and error (2). */
  static byte[] frame(int stream, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(new byte[] {(byte) stream, 0, 0, 0, 0, 0, 0, (byte) bytes.length});
    out.writeBytes(bytes);
    return out.toByteArray();
  }

  static byte[] frames(byte[]... all) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] each : all) {
      out.writeBytes(each);
    }
    return out.toByteArray();
  }

  static void write(OutputStream out, int status, String body) throws IOException {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    String head =
        "HTTP/1.1 %d x\r\nApi-Version: 1.50\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
            .formatted(status, bytes.length);
    out.write(head.getBytes(StandardCharsets.UTF_8));
    out.write(bytes);
    out.flush();
  }

  private void accept() {
    while (true) {
      try {
        SocketChannel client = server.accept();
        Thread thread = new Thread(() -> serve(client), "scripted answer");
        thread.setDaemon(true);
        thread.start();
      } catch (ClosedChannelException e) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void serve(SocketChannel client) {
    try (client) {
      InputStream in = Channels.newInputStream(client);
      OutputStream out = Channels.newOutputStream(client);
      String[] words = line(in).split(" ");
      Map<String, String> headers = new LinkedHashMap<>();
      for (String line = line(in); !line.isEmpty(); line = line(in)) {
        int colon = line.indexOf(':');
        headers.put(line.substring(0, colon).toLowerCase(), line.substring(colon + 1).strip());
      }
      byte[] body = body(in, headers);
      String target = words[1].replaceFirst("^/v[0-9.]+", "");
      String version =
          words[1].startsWith("/v") ? words[1].substring(2, words[1].indexOf('/', 1)) : "";
      String line = words[0] + " " + target;
      asked.add(new Asked(line, version, headers, new String(body, StandardCharsets.ISO_8859_1)));
      Answer answer = next(line);
      if (answer == null) {
        write(out, 500, "{\"message\":\"not in the script: " + line + "\"}");
      } else {
        answer.give(in, out);
      }
    } catch (IOException e) {
      // the client has gone
    }
  }

  private synchronized Answer next(String line) {
    Deque<Answer> left = answers.get(line);
    if (left == null) {
      return null;
    }
    return left.size() > 1 ? left.poll() : left.peek();
  }

  private static byte[] body(InputStream in, Map<String, String> headers) throws IOException {
    if (headers.containsKey("content-length")) {
      return in.readNBytes(Integer.parseInt(headers.get("content-length")));
    }
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    if ("chunked".equals(headers.get("transfer-encoding"))) {
      for (int size = Integer.parseInt(line(in), 16);
          size > 0;
          size = Integer.parseInt(line(in), 16)) {
        body.writeBytes(in.readNBytes(size));
        line(in);
      }
      line(in);
    }
    return body.toByteArray();
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    for (int c = in.read(); c != '\n'; c = in.read()) {
      if (c < 0) {
        throw new IOException("ended");
      }
      line.append((char) c);
    }
    return line.toString().stripTrailing();
  }

  @Override
  public void close() throws IOException {
    server.close();
  }
}
