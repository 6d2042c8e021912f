package io.gantry.cri.doctor;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where a path will be once it is made. */
final class Disk {
  private Disk() {}

  /** The path, or the nearest directory above it that exists. */
  static Path existing(Path path) {
    Path candidate = path.toAbsolutePath().normalize();
    while (!Files.isDirectory(candidate)) {
      candidate = candidate.getParent();
    }
    return candidate;
  }
}
