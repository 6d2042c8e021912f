package io.gantry.docker.cli.container;

import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.terminal.Streams;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;

/** Output of containers as the engine sends it: raw from a terminal, in frames otherwise. */
final class Frames {
  private static final int HEAD = 8;
  private static final int BUFFER = 32 * 1024;
  private static final int STANDARD_ERROR = 2;
  private static final int FAILURE = 3;

  private Frames() {}

  /** Copies all of it; each piece is shown at once. */
  static void copy(InputStream in, boolean raw, Streams streams)
      throws IOException, CommandFailure {
    byte[] buffer = new byte[BUFFER];
    if (raw) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        write(streams.out(), buffer, count);
      }
      return;
    }
    byte[] head = new byte[HEAD];
    while (true) {
      int got = in.readNBytes(head, 0, HEAD);
      if (got == 0) {
        return;
      }
      if (got < HEAD) {
        throw new EOFException("the engine closed the connection in the middle of output");
      }
      long length = 0;
      for (int i = 4; i < HEAD; i++) {
        length = length << 8 | head[i] & 0xff;
      }
      if (head[0] == FAILURE) {
        throw new CommandFailure(
            new String(in.readNBytes((int) length), java.nio.charset.StandardCharsets.UTF_8));
      }
      PrintStream target = head[0] == STANDARD_ERROR ? streams.err() : streams.out();
      while (length > 0) {
        int count = in.read(buffer, 0, (int) Math.min(length, BUFFER));
        if (count < 0) {
          throw new EOFException("the engine closed the connection in the middle of output");
        }
        write(target, buffer, count);
        length -= count;
      }
    }
  }

  private static void write(PrintStream target, byte[] buffer, int count) {
    target.write(buffer, 0, count);
    target.flush();
  }
}
