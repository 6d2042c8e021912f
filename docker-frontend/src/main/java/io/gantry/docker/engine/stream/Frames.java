package io.gantry.docker.engine.stream;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;

/**
 * Standard output and error over one stream: each piece with a head of eight bytes that says which
 * of them it is and how long. A terminal's output goes without.
 */
public final class Frames {
  public static final int STDOUT = 1;
  public static final int STDERR = 2;

  private static final int HEAD = 8;

  private final OutputStream out;
  private final boolean framed;

  /**
   * Frames for one client.
   *
   * @param framed false for a terminal's output
   */
  public Frames(OutputStream out, boolean framed) {
    this.out = out;
    this.framed = framed;
  }

  /** Sends a piece of one of the streams. */
  public synchronized void write(int stream, byte[] bytes) throws IOException {
    if (bytes.length == 0) {
      return;
    }
    out.write(framed ? frame(stream, bytes) : bytes);
  }

  static byte[] frame(int stream, byte[] bytes) {
    return ByteBuffer.allocate(HEAD + bytes.length)
        .put((byte) stream)
        .position(4)
        .putInt(bytes.length)
        .put(bytes)
        .array();
  }

  /** What is announced for streams of this kind, to a client of that version. */
  public static String contentType(boolean framed, boolean announces) {
    return framed && announces
        ? "application/vnd.docker.multiplexed-stream"
        : "application/vnd.docker.raw-stream";
  }
}
