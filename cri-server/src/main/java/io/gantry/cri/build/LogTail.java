package io.gantry.cri.build;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Reads a container's log while it is written, and gives what the container has printed: both
 * streams in the order of the log. Confined to one thread.
 */
final class LogTail {
  private static final int BUFFER_BYTES = 64 << 10;
  private static final int FIELDS = 3; // time, stream, whether the line goes on

  private final Path log;
  private final Consumer<byte[]> output;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();
  private long position;

  LogTail(Path log, Consumer<byte[]> output) {
    this.log = log;
    this.output = output;
  }

  /** Gives what has come since the last time. */
  void read() throws IOException {
    if (!Files.exists(log)) {
      return;
    }
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
      ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
      for (int n = channel.read(buffer, position); n > 0; n = channel.read(buffer, position)) {
        position += n;
        take(buffer.array(), n, printed);
        buffer.clear();
        give(printed);
      }
    }
  }

  private void take(byte[] bytes, int length, ByteArrayOutputStream printed) {
    int from = 0;
    for (int i = 0; i < length; i++) {
      if (bytes[i] == '\n') {
        line.write(bytes, from, i - from);
        print(line.toByteArray(), printed);
        line.reset();
        from = i + 1;
      }
    }
    line.write(bytes, from, length - from);
  }

  private static void print(byte[] entry, ByteArrayOutputStream printed) {
    int at = 0;
    String tag = "";
    for (int field = 0; field < FIELDS; field++) {
      int end = at;
      while (end < entry.length && entry[end] != ' ') {
        end++;
      }
      tag = new String(Arrays.copyOfRange(entry, at, end), StandardCharsets.US_ASCII);
      at = Math.min(end + 1, entry.length);
    }
    printed.write(entry, at, entry.length - at);
    if (!tag.startsWith("P")) {
      printed.write('\n');
    }
  }

  private void give(ByteArrayOutputStream printed) {
    if (printed.size() > 0) {
      output.accept(printed.toByteArray());
      printed.reset();
    }
  }
}
