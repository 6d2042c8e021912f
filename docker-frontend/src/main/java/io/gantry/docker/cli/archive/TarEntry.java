package io.gantry.docker.cli.archive;

import java.util.Optional;

/**
 * An entry of an archive.
 *
 * @param name with slashes, relative
 * @param mode the lowest twelve bits
 * @param link what it links to, if it is a link
 */
public record TarEntry(
    String name, Kind kind, int mode, long size, long modifiedSeconds, Optional<String> link) {
  /** Those that are copied; devices and pipes are left out. */
  public enum Kind {
    FILE('0'),
    HARD_LINK('1'),
    SYMBOLIC_LINK('2'),
    DIRECTORY('5'),
    OTHER('3');

    final char flag;

    Kind(char flag) {
      this.flag = flag;
    }

    static Kind of(char flag) {
      return switch (flag) {
        case '0', '\0', '7' -> FILE;
        case '1' -> HARD_LINK;
        case '2' -> SYMBOLIC_LINK;
        case '5' -> DIRECTORY;
        default -> OTHER;
      };
    }
  }

  public TarEntry named(String other) {
    return new TarEntry(other, kind, mode, size, modifiedSeconds, link);
  }
}
