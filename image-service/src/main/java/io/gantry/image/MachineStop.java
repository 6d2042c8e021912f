package io.gantry.image;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells whether the machine went down while images were in use, by power loss or a crash: a file
 * {@code images-in-use} that names the boot, there from the first use to the orderly end. A daemon
 * that dies alone takes nothing along, for what it has written is in the kernel's hands.
 */
public final class MachineStop {

  private static final Logger log = LoggerFactory.getLogger(MachineStop.class);

  private final Path file;
  private final boolean lost;

  private MachineStop(Path file, boolean lost) {
    this.file = file;
    this.lost = lost;
  }

  /**
   * Looks at what the use before this one left, and begins this one.
   *
   * @param boot names the run of the machine
   */
  public static MachineStop begin(Path root, String boot) throws IOException {
    Files.createDirectories(root);
    Path file = root.resolve("images-in-use");
    boolean lost = false;
    try {
      lost = !Files.readString(file).strip().equals(boot);
    } catch (NoSuchFileException endedWell) {
      // Or it is the first.
    }
    try {
      write(file, boot);
    } catch (IOException e) {
      // On a full disk there is work to do all the more.
      log.atWarn()
          .addKeyValue("file", file)
          .addKeyValue("reason", e.getMessage())
          .log("should the machine go down, images will not be checked");
    }
    return new MachineStop(file, lost);
  }

  private static void write(Path file, String boot) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            file,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap((boot + "\n").getBytes(StandardCharsets.US_ASCII)));
      channel.force(true);
    }
  }

  /** Whether the use before this one ended with the machine. */
  public boolean wasUnclean() {
    return lost;
  }

  /** Ends the use, all of which is on disk. */
  public void end() throws IOException {
    Files.deleteIfExists(file);
  }
}
