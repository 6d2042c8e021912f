package io.gantry.docker.engine.logs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** A container's log: a file and those that were turned over before it, {@code FILE.1} the last. */
public final class LogFiles {
  private static final int MOST = 1000;

  private final Path file;

  public LogFiles(Path file) {
    this.file = file;
  }

  /** Oldest first; what is not there yet is left out. */
  List<Path> oldestFirst() {
    List<Path> files = new ArrayList<>();
    for (int number = 1; number < MOST && Files.exists(turned(number)); number++) {
      files.add(0, turned(number));
    }
    if (Files.exists(file)) {
      files.add(file);
    }
    return files;
  }

  Path current() {
    return file;
  }

  /**
   * Moves the file aside if it has grown too large.
   *
   * @param keep how many files there may be, the one that is written to included
   * @return whether it was moved: the runtime must open a new one then
   */
  public boolean turnOver(long maxBytes, int keep) throws IOException {
    if (!Files.exists(file) || Files.size(file) < maxBytes) {
      return false;
    }
    for (int number = Math.max(1, keep - 1); number >= 1; number--) {
      Path older = turned(number);
      if (number == Math.max(1, keep - 1)) {
        Files.deleteIfExists(older);
      } else if (Files.exists(older)) {
        Files.move(older, turned(number + 1), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(file, turned(1), StandardCopyOption.REPLACE_EXISTING);
    return true;
  }

  /** To be called once the runtime writes to a new file. */
  public void afterTurn(int keep) throws IOException {
    if (keep <= 1) {
      Files.deleteIfExists(turned(1));
    }
  }

  private Path turned(int number) {
    return file.resolveSibling(file.getFileName() + "." + number);
  }
}
