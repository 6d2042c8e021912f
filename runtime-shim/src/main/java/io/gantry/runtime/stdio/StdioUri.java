package io.gantry.runtime.stdio;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * One end of a process's stdio as the Task API names it: containerd's forms (empty, a path, {@code
 * fifo://}, {@code file://}) and gantry's own ({@code gantry-log://}, {@code gantry-attach://},
 * {@code gantry-stdin://}).
 */
public sealed interface StdioUri {
  /** Payload bytes of a log line's part, as the kubelet's readers expect them by default. */
  int DEFAULT_LOG_PART_BYTES = 16384;

  /** Nothing: reads end at once, writes vanish. */
  record Nowhere() implements StdioUri {}

  /** A FIFO that the caller made, or a file to append to. */
  record FifoOrFile(Path path) implements StdioUri {}

  /** A file to append to, made with its directories when missing. */
  record AppendedFile(Path path) implements StdioUri {}

  /**
   * A log file in the CRI's format; several streams may name the same one.
   *
   * @param partBytes longest payload of one line of the file, at least 1; longer lines are split
   *     into parts
   * @param maxBytes what the file may hold until it is reopened, more is dropped; 0 for any amount
   * @param bytesPerSecond what may be written on average, more is dropped; 0 for any amount
   */
  record CriLogFile(Path path, int partBytes, long maxBytes, long bytesPerSecond)
      implements StdioUri {}

  /** An output that is kept nowhere, but can be attached to. */
  record Watched() implements StdioUri {}

  /**
   * An input that stays open without a writer until someone attaches.
   *
   * @param once whether the end of the first attached session ends the input
   */
  record HeldOpen(boolean once) implements StdioUri {}

  /**
   * Reads a URI from a request.
   *
   * @throws IllegalArgumentException when the scheme is not known or a part is missing or out of
   *     range
   */
  static StdioUri parse(String uri) {
    if (uri.isEmpty()) {
      return new Nowhere();
    }
    int colon = uri.indexOf("://");
    if (colon < 0) {
      return new FifoOrFile(absolute(uri, uri));
    }
    String rest = uri.substring(colon + 3);
    int question = rest.indexOf('?');
    String path = question < 0 ? rest : rest.substring(0, question);
    Map<String, String> query = query(uri, question < 0 ? "" : rest.substring(question + 1));
    return switch (uri.substring(0, colon)) {
      case "fifo" -> new FifoOrFile(absolute(uri, path));
      case "file" -> new AppendedFile(absolute(uri, path));
      case "gantry-log" ->
          new CriLogFile(
              absolute(uri, decode(uri, path)),
              partBytes(uri, query.get("max-line")),
              limit(uri, "max-bytes", query),
              limit(uri, "rate", query));
      case "gantry-attach" -> new Watched();
      case "gantry-stdin" -> new HeldOpen(Boolean.parseBoolean(query.get("once")));
      default -> throw new IllegalArgumentException("stdio " + uri + ": scheme is not supported");
    };
  }

  private static Path absolute(String uri, String path) {
    if (!path.startsWith("/")) {
      throw new IllegalArgumentException("stdio " + uri + ": path is not absolute");
    }
    return Path.of(path);
  }

  private static int partBytes(String uri, String value) {
    if (value == null) {
      return DEFAULT_LOG_PART_BYTES;
    }
    try {
      int bytes = Integer.parseInt(value);
      if (bytes >= 1 && bytes <= 1 << 20) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      // Said below, with the range.
    }
    throw new IllegalArgumentException("stdio " + uri + ": max-line must be 1 to 1048576");
  }

  private static long limit(String uri, String name, Map<String, String> query) {
    String value = query.get(name);
    if (value == null) {
      return 0;
    }
    try {
      long bytes = Long.parseLong(value);
      if (bytes >= 1) {
        return bytes;
      }
    } catch (NumberFormatException e) {
      // Said below, with the range.
    }
    throw new IllegalArgumentException("stdio " + uri + ": " + name + " must be at least 1");
  }

  private static Map<String, String> query(String uri, String text) {
    Map<String, String> values = new HashMap<>();
    for (int at = 0; at < text.length(); ) {
      int end = text.indexOf('&', at) < 0 ? text.length() : text.indexOf('&', at);
      int equals = text.indexOf('=', at);
      if (equals < 0 || equals > end) {
        throw new IllegalArgumentException("stdio " + uri + ": query has a part without a value");
      }
      values.put(text.substring(at, equals), text.substring(equals + 1, end));
      at = end + 1;
    }
    return values;
  }

  /** Percent-decoding as in RFC 3986; a plus sign stays one, unlike in forms. */
  private static String decode(String uri, String text) {
    if (text.indexOf('%') < 0) {
      return text;
    }
    byte[] in = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    byte[] out = new byte[in.length];
    int length = 0;
    for (int at = 0; at < in.length; at++) {
      if (in[at] != '%') {
        out[length++] = in[at];
        continue;
      }
      int high = at + 2 < in.length ? Character.digit(in[at + 1], 16) : -1;
      int low = at + 2 < in.length ? Character.digit(in[at + 2], 16) : -1;
      if (high < 0 || low < 0) {
        throw new IllegalArgumentException("stdio " + uri + ": bad percent encoding");
      }
      out[length++] = (byte) (high << 4 | low);
      at += 2;
    }
    return new String(out, 0, length, java.nio.charset.StandardCharsets.UTF_8);
  }
}
