package io.gantry.cri.daemon;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * Holds a directory for one daemon. The lock is the kernel's, on a file that names the holder, so
 * that it ends with the process however that ends; the file stays behind and means nothing by
 * itself.
 */
final class InstanceLock implements AutoCloseable {
  private static final String FILE = "gantryd.lock";

  private final FileChannel file;

  private InstanceLock(FileChannel file) {
    this.file = file;
  }

  /**
   * Takes the lock of an existing directory.
   *
   * @throws StartException if another daemon has it, with its process id
   */
  static InstanceLock take(Path directory) throws StartException {
    Path path = directory.resolve(FILE);
    FileChannel file = null;
    try {
      file =
          FileChannel.open(
              path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
      if (!lock(file)) {
        String holder = Files.readString(path).strip();
        file.close();
        throw new StartException(
            "%s is in use by the gantryd with process id %s".formatted(directory, holder));
      }
      file.truncate(0);
      String self = ProcessHandle.current().pid() + "\n";
      file.write(ByteBuffer.wrap(self.getBytes(StandardCharsets.US_ASCII)), 0);
      return new InstanceLock(file);
    } catch (IOException e) {
      throw new StartException("lock " + path, e);
    }
  }

  private static boolean lock(FileChannel file) throws IOException {
    try {
      FileLock lock = file.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false; // Held by this same process.
    }
  }

  /** Whether the lock is still this process's. */
  boolean isHeld() {
    return file.isOpen();
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
