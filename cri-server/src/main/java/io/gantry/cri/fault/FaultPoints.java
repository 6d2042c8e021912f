package io.gantry.cri.fault;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Told of each point that the work passes. Outside of tests nobody listens. Implementations are
 * thread-safe.
 */
@FunctionalInterface
public interface FaultPoints {
  /** Nothing ever happens at them. */
  FaultPoints NONE = point -> {};

  /**
   * A point is passed.
   *
   * @param point what has just been done, or is about to be: "pod record written"
   * @throws IOException to make the work fail here, as a full disk would
   */
  void reach(String point) throws IOException;

  /**
   * Those that obey a file, see {@link FaultFile}, or none.
   *
   * @param orders the file; empty outside of tests
   */
  static FaultPoints obeying(Optional<Path> orders) {
    return orders.<FaultPoints>map(FaultFile::new).orElse(NONE);
  }
}
