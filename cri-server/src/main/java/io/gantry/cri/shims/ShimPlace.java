package io.gantry.cri.shims;

import java.io.IOException;

/** Where among the machine's services shims belong. */
@FunctionalInterface
public interface ShimPlace {
  /** With the daemon that starts them. */
  ShimPlace BESIDE_THE_DAEMON = pid -> {};

  /**
   * Moves a new shim there. It is good wherever it is, so what fails is told and no more.
   *
   * @throws IOException if it stays with the daemon
   */
  void take(long pid) throws IOException;
}
