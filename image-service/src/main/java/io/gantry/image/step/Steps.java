package io.gantry.image.step;

import java.io.IOException;

/**
 * Told of each step that leaves a trace on disk. Outside of tests nobody listens. Implementations
 * are thread-safe.
 */
@FunctionalInterface
public interface Steps {
  /** Nobody is told. */
  Steps UNOBSERVED = step -> {};

  /**
   * A step is reached.
   *
   * @param step what has just been done, or is about to be: "blob kept"
   * @throws IOException to make the work fail here, as a full disk would
   */
  void reach(String step) throws IOException;
}
