package io.gantry.image.snapshot;

import java.io.IOException;

/** Waits for the layers below one that is being made. */
public interface LowerReady {

  /**
   * Returns once they are committed.
   *
   * @throws IOException if they will not be
   */
  void await() throws IOException;
}
