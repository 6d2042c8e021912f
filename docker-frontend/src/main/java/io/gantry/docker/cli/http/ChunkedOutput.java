package io.gantry.docker.cli.http;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Writes a body in chunks: RFC 9112, section 7.1. Closing it ends the body, not the stream below.
 */
final class ChunkedOutput extends OutputStream {
  private static final byte[] END_OF_LINE = {'\r', '\n'};

  private final OutputStream out;

  ChunkedOutput(OutputStream out) {
    this.out = out;
  }

  @Override
  public void write(int single) throws IOException {
    write(new byte[] {(byte) single}, 0, 1);
  }

  @Override
  public void write(byte[] source, int offset, int length) throws IOException {
    if (length == 0) {
      return; // an empty chunk would be the end
    }
    out.write(Integer.toHexString(length).getBytes(StandardCharsets.US_ASCII));
    out.write(END_OF_LINE);
    out.write(source, offset, length);
    out.write(END_OF_LINE);
  }

  @Override
  public void flush() throws IOException {
    out.flush();
  }

  @Override
  public void close() throws IOException {
    out.write('0');
    out.write(END_OF_LINE);
    out.write(END_OF_LINE);
    out.flush();
  }
}
