package io.gantry.cri.fault;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.Map;

/**
 * Points that obey a file's one line, read again at each of them:
 *
 * <ul>
 *   <li>{@code kill POINT N}: the daemon ends when it passes POINT the Nth time, as by SIGKILL
 *   <li>{@code fail POINT N}: the work fails there
 *   <li>{@code list}: points passed are appended to FILE.seen, a line each, as the orders name them
 *   <li>nothing, or no file: nothing
 * </ul>
 *
 * Passing is counted from the time the line changed.
 */
final class FaultFile implements FaultPoints {
  /** As a shell says of a process that SIGKILL ended. */
  private static final int KILLED = 137;

  private final Path file;
  private final Map<String, Integer> passed = new HashMap<>(); // guarded by this
  private String orders = ""; // guarded by this

  FaultFile(Path file) {
    this.file = file;
  }

  @Override
  public synchronized void reach(String point) throws IOException {
    String now = read();
    if (!now.equals(orders)) {
      orders = now;
      passed.clear();
    }
    if (orders.isEmpty()) {
      return;
    }
    String name = point + " " + passed.merge(point, 1, Integer::sum);
    if (orders.equals("list")) {
      Path seen = file.resolveSibling(file.getFileName() + ".seen");
      Files.writeString(seen, name + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } else if (orders.equals("kill " + name)) {
      // No hook, no finally, no flush: what follows never happens.
      Runtime.getRuntime().halt(KILLED);
    } else if (orders.equals("fail " + name)) {
      throw new IOException("told to fail at \"" + name + "\"");
    }
  }

  private String read() throws IOException {
    try {
      return Files.readString(file).strip();
    } catch (NoSuchFileException none) {
      return "";
    }
  }
}
