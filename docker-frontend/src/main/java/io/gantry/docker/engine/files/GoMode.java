package io.gantry.docker.engine.files;

import java.time.Instant;

/** A file's mode and time as the API's clients, which are written in Go, know them. */
final class GoMode {
  private GoMode() {}

  /**
   * A mode of Go's io/fs.
   *
   * @param mode as in inode(7)
   */
  static long of(int mode) {
    long bits = mode & 0777;
    bits |= (mode & 04000) != 0 ? 1L << 23 : 0;
    bits |= (mode & 02000) != 0 ? 1L << 22 : 0;
    bits |= (mode & 01000) != 0 ? 1L << 20 : 0;
    return bits
        | switch (mode & 0170000) {
          case 0040000 -> 1L << 31;
          case 0120000 -> 1L << 27;
          case 0060000 -> 1L << 26;
          case 0020000 -> 1L << 26 | 1L << 21;
          case 0010000 -> 1L << 25;
          case 0140000 -> 1L << 24;
          default -> 0;
        };
  }

  static String time(long nanos) {
    return Instant.ofEpochSecond(0, nanos).toString();
  }
}
