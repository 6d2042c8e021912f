package io.gantry.image.distribution.repository;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Small files that are there when the call returns, whatever happens afterwards: synced, renamed,
 * and their directories synced (fsync(2), notes). Thread-safe.
 */
final class DurableFiles {

  /** What a file that is being written is called at first; no name of ours begins with a dot. */
  static final String TEMPORARY_PREFIX = ".";

  private static final AtomicLong NEXT = new AtomicLong();

  private DurableFiles() {}

  /** Writes a file, or replaces one, and makes the directories above it. */
  static void write(Path file, byte[] content) throws IOException {
    makeDirectories(file.getParent());
    Path temporary =
        file.resolveSibling(
            TEMPORARY_PREFIX
                + Long.toHexString(ProcessHandle.current().pid())
                + "-"
                + NEXT.getAndIncrement());
    try {
      try (FileChannel channel =
          FileChannel.open(temporary, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        channel.truncate(0);
        ByteBuffer bytes = ByteBuffer.wrap(content);
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(temporary);
    }
    syncDirectory(file.getParent());
  }

  /** Makes an empty file if there is none, and the directories above it. */
  static void mark(Path file) throws IOException {
    makeDirectories(file.getParent());
    try {
      Files.createFile(file);
    } catch (FileAlreadyExistsException known) {
      // As good, but whoever made it may not have come to sync the directory yet.
    }
    syncDirectory(file.getParent());
  }

  /**
   * Deletes a file.
   *
   * @return whether there was one
   */
  static boolean delete(Path file) throws IOException {
    boolean existed = Files.deleteIfExists(file);
    if (existed) {
      syncDirectory(file.getParent());
    }
    return existed;
  }

  private static void makeDirectories(Path directory) throws IOException {
    if (Files.isDirectory(directory)) {
      return;
    }
    makeDirectories(directory.getParent());
    try {
      Files.createDirectory(directory);
    } catch (FileAlreadyExistsException madeMeanwhile) {
      // As good.
    }
    syncDirectory(directory.getParent());
  }

  private static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
