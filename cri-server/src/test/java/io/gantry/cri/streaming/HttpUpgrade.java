package io.gantry.cri.streaming;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** One HTTP request on a socket of its own, and the answer's head. */
final class HttpUpgrade implements Closeable {
  final Socket socket;
  final String statusLine;
  private final List<String> headers;

  private HttpUpgrade(Socket socket, String statusLine, List<String> headers) {
    this.socket = socket;
    this.statusLine = statusLine;
    this.headers = headers;
  }

  /** Sends {@code METHOD path} with the given lines and reads the answer's head. */
  static HttpUpgrade send(Socket socket, String url, String method, String... lines)
      throws IOException {
    socket.setSoTimeout(20_000);
    URI uri = URI.create(url);
    StringBuilder request = new StringBuilder();
    request.append(method).append(' ').append(uri.getRawPath()).append(" HTTP/1.1\r\n");
    request.append("Host: ").append(uri.getAuthority()).append("\r\n");
    for (String line : lines) {
      request.append(line).append("\r\n");
    }
    OutputStream out = socket.getOutputStream();
    out.write((request + "\r\n").getBytes(StandardCharsets.US_ASCII));
    out.flush();
    List<String> head = head(socket.getInputStream());
    return new HttpUpgrade(socket, head.get(0), head.subList(1, head.size()));
  }

  static HttpUpgrade send(String url, String method, String... lines) throws IOException {
    URI uri = URI.create(url);
    return send(new Socket(uri.getHost(), uri.getPort()), url, method, lines);
  }

  /** Byte by byte: what follows the head belongs to the next protocol. */
  private static List<String> head(InputStream in) throws IOException {
    ByteArrayOutputStream head = new ByteArrayOutputStream();
    while (!head.toString(StandardCharsets.US_ASCII).endsWith("\r\n\r\n")) {
      int next = in.read();
      if (next < 0) {
        throw new IOException("the server hung up");
      }
      head.write(next);
    }
    return new ArrayList<>(head.toString(StandardCharsets.US_ASCII).lines().toList());
  }

  int status() {
    return Integer.parseInt(statusLine.split(" ")[1]);
  }

  /** All values of a header, joined by ", ". */
  String header(String name) {
    String prefix = name.toLowerCase(Locale.ROOT) + ":";
    return String.join(
        ", ",
        headers.stream()
            .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
            .map(line -> line.substring(prefix.length()).strip())
            .toList());
  }

  static HttpUpgrade spdy(String url, String... protocols) throws IOException {
    List<String> lines = new ArrayList<>(List.of("Connection: Upgrade", "Upgrade: SPDY/3.1"));
    for (String protocol : protocols) {
      lines.add("X-Stream-Protocol-Version: " + protocol);
    }
    lines.add("Content-Length: 0");
    return send(url, "POST", lines.toArray(new String[0]));
  }

  SpdyClient spdy() throws IOException {
    if (status() != 101) {
      throw new IOException(statusLine);
    }
    return new SpdyClient(socket.getInputStream(), socket.getOutputStream(), socket);
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
