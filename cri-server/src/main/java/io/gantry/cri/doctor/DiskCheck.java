package io.gantry.cri.doctor;

import io.gantry.runtime.linux.FileSystemStatus;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.nio.file.Path;
import java.util.List;

/** Room for images and containers. */
final class DiskCheck implements Check {
  private static final String SUBJECT = "disk";
  private static final long MIB = 1 << 20;
  private static final long MIN_BYTES = 256 * MIB;
  private static final long WANTED_BYTES = 4096 * MIB;
  private static final long WANTED_INODES = 100_000;

  private final Linux linux;
  private final Path root;

  DiskCheck(Linux linux, Path root) {
    this.linux = linux;
    this.root = root;
  }

  @Override
  public List<Finding> examine() {
    Path directory = Disk.existing(root);
    try {
      return List.of(judge(directory, linux.files().statfs(directory.toString())));
    } catch (LinuxException e) {
      return List.of(Finding.missing(SUBJECT, e.getMessage(), "check " + directory));
    }
  }

  /** A filesystem that counts no inodes, such as btrfs, says that it has none. */
  static Finding judge(Path directory, FileSystemStatus status) {
    long freeBytes = status.availableBlocks() * status.blockSizeBytes();
    String words = "%d MiB free for %s".formatted(freeBytes / MIB, directory);
    String remedy = "free some space, or set paths.root to a larger disk";
    if (freeBytes < MIN_BYTES) {
      return Finding.missing(SUBJECT, words, remedy);
    } else if (freeBytes < WANTED_BYTES) {
      return Finding.advice(SUBJECT, words, remedy);
    } else if (status.inodes() > 0 && status.freeInodes() < WANTED_INODES) {
      return Finding.advice(
          SUBJECT, words + ", but only " + status.freeInodes() + " inodes", remedy);
    }
    return Finding.fine(SUBJECT, words);
  }
}
