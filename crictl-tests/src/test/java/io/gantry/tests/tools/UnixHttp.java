package io.gantry.tests.tools;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** HTTP/1.1 on a unix socket, a connection for each request, bare enough to see every byte. */
public final class UnixHttp {
  private static final byte[] BLANK_LINE = {'\r', '\n', '\r', '\n'};

  private UnixHttp() {}

  /**
   * What came back until the server hung up.
   *
   * @param body without the marks of chunks
   */
  public record Answer(String statusLine, List<String> headers, byte[] body) {
    public int status() {
      return Integer.parseInt(statusLine.split(" ")[1]);
    }

    /** A header's value; nothing if it is not there. */
    public String header(String name) {
      String prefix = name.toLowerCase(Locale.ROOT) + ":";
      return headers.stream()
          .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(prefix))
          .map(line -> line.substring(prefix.length()).strip())
          .findFirst()
          .orElse("");
    }

    public String text() {
      return new String(body, StandardCharsets.UTF_8);
    }
  }

  /**
   * Sends a request and reads all that comes.
   *
   * @param body JSON; may be empty
   * @param headers whole lines; without any the connection is to be closed
   */
  public static Answer send(Path socket, String method, String path, String body, String... headers)
      throws IOException {
    List<String> lines = headers.length == 0 ? List.of("Connection: close") : List.of(headers);
    String request =
        "%s %s HTTP/1.1\r\nHost: docker\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s\r\n\r\n%s"
            .formatted(
                method,
                path,
                body.getBytes(StandardCharsets.UTF_8).length,
                String.join("\r\n", lines),
                body);
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.UTF_8)));
      return answer(readAll(channel));
    }
  }

  private static byte[] readAll(SocketChannel channel) throws IOException {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    ByteBuffer buffer = ByteBuffer.allocate(8192);
    while (channel.read(buffer.clear()) >= 0) {
      all.write(buffer.array(), 0, buffer.position());
    }
    return all.toByteArray();
  }

  private static Answer answer(byte[] all) throws IOException {
    int end = indexOf(all, BLANK_LINE, 0);
    List<String> head = new String(all, 0, end, StandardCharsets.ISO_8859_1).lines().toList();
    byte[] rest = Arrays.copyOfRange(all, end + BLANK_LINE.length, all.length);
    Answer whole = new Answer(head.get(0), head.subList(1, head.size()), rest);
    return whole.header("Transfer-Encoding").equals("chunked")
        ? new Answer(whole.statusLine(), whole.headers(), withoutChunks(rest))
        : whole;
  }

  private static byte[] withoutChunks(byte[] chunked) throws IOException {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    byte[] lineEnd = {'\r', '\n'};
    int at = 0;
    while (true) {
      int size = indexOf(chunked, lineEnd, at);
      int length =
          Integer.parseInt(new String(chunked, at, size - at, StandardCharsets.US_ASCII), 16);
      if (length == 0) {
        return body.toByteArray();
      }
      body.write(chunked, size + 2, length);
      at = size + 2 + length + 2;
    }
  }

  private static int indexOf(byte[] all, byte[] wanted, int from) throws IOException {
    for (int i = from; i + wanted.length <= all.length; i++) {
      if (Arrays.equals(all, i, i + wanted.length, wanted, 0, wanted.length)) {
        return i;
      }
    }
    throw new IOException("no " + Arrays.toString(wanted) + " in what the server said");
  }
}
