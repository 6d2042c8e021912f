package io.gantry.tests.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** Orders to a daemon to die or to fail at one of its fault points, see CONTRIBUTING.md. */
public final class FaultOrders {
  private final Path file;

  private FaultOrders(Path file) {
    this.file = file;
  }

  public static FaultOrders to(NodeDirectory node) {
    return new FaultOrders(node.faults());
  }

  /** The points that the work passes, in order, as orders name them. */
  public List<String> pointsOf(Runnable work) throws IOException {
    Path seen = file.resolveSibling(file.getFileName() + ".seen");
    Files.deleteIfExists(seen);
    give("list");
    work.run();
    Files.delete(file);
    return Files.readAllLines(seen);
  }

  /** The daemon dies when it passes the point. */
  public void killAt(String point) {
    give("kill " + point);
  }

  /** The daemon's work fails when it passes the point. */
  public void failAt(String point) {
    give("fail " + point);
  }

  public void none() {
    give("");
  }

  private void give(String line) {
    try {
      // Renamed into place: the daemon may read at any moment.
      Path next = Files.writeString(file.resolveSibling("faults.next"), line);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException("order " + line, e);
    }
  }
}
