package io.gantry.cri.machine;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/** By what this node is known over restarts. */
public final class NodeId {
  private NodeId() {}

  /** The id that a file holds, which gets one if it has none. */
  public static String of(Path file) throws IOException {
    try {
      return UUID.fromString(Files.readString(file).strip()).toString();
    } catch (NoSuchFileException | IllegalArgumentException none) {
      String id = UUID.randomUUID().toString();
      Path next = file.resolveSibling(file.getFileName() + ".tmp");
      try (FileChannel channel =
          FileChannel.open(
              next,
              StandardOpenOption.CREATE,
              StandardOpenOption.TRUNCATE_EXISTING,
              StandardOpenOption.WRITE)) {
        ByteBuffer bytes = ByteBuffer.wrap((id + "\n").getBytes(StandardCharsets.US_ASCII));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
      return id;
    }
  }
}
