package io.gantry.cri.grpc;

/**
 * Keeps a message to a caller within what a caller takes. A status travels in HTTP/2 headers, of
 * which clients accept 8 KiB (grpc-java's default): beyond that they see neither code nor words,
 * but a broken connection.
 */
final class Words {
  private static final int MOST_BYTES = 4096;

  /** What caused a failure stands at the end of its words. */
  private static final int TAIL_BYTES = 1024;

  private static final int ESCAPED_BYTES = 3; // %XX, see gRPC's Percent-Encoded

  private Words() {}

  /** The text, or its beginning and end with a remark of how much was left out. */
  static String fit(String text) {
    if (encodedBytes(text, 0, text.length()) <= MOST_BYTES) {
      return text;
    }
    int head = 0;
    for (int bytes = 0; bytes < MOST_BYTES - TAIL_BYTES; head++) {
      bytes += encodedBytes(text, head, head + 1);
    }
    int tail = text.length();
    for (int bytes = 0; bytes < TAIL_BYTES; tail--) {
      bytes += encodedBytes(text, tail - 1, tail);
    }
    return "%s … (%d characters left out) … %s"
        .formatted(text.substring(0, head), tail - head, text.substring(tail));
  }

  private static int encodedBytes(String text, int from, int to) {
    int bytes = 0;
    for (int i = from; i < to; i++) {
      char c = text.charAt(i);
      if (c >= ' ' && c < 0x7f && c != '%') {
        bytes++;
      } else {
        bytes += ESCAPED_BYTES * (c < 0x80 ? 1 : c < 0x800 ? 2 : 3);
      }
    }
    return bytes;
  }
}
