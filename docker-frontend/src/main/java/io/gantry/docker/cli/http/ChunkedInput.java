package io.gantry.docker.cli.http;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Reads a body that comes in chunks: RFC 9112, section 7.1. */
final class ChunkedInput extends InputStream {
  private final InputStream in;
  private long left;
  private boolean first = true;
  private boolean ended;

  ChunkedInput(InputStream in) {
    this.in = in;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    if (left == 0 && !ended) {
      nextChunk();
    }
    if (ended) {
      return -1;
    }
    int count = in.read(target, offset, (int) Math.min(length, left));
    if (count < 0) {
      throw new EOFException("the engine closed the connection in the middle of its answer");
    }
    left -= count;
    return count;
  }

  private void nextChunk() throws IOException {
    if (!first) {
      HttpClient.line(in);
    }
    first = false;
    String line = HttpClient.line(in);
    int extension = line.indexOf(';');
    String size = (extension < 0 ? line : line.substring(0, extension)).strip();
    try {
      left = Long.parseLong(size, 16);
    } catch (NumberFormatException e) {
      throw new IOException("a chunk of no size: " + line, e);
    }
    if (left == 0) {
      ended = true;
      while (!HttpClient.line(in).isEmpty()) {
        // trailers, which nobody asked for
      }
    }
  }
}
