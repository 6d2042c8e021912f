package io.gantry.cri.container;

import java.util.ArrayDeque;
import java.util.Deque;

/** The steps back from a half-done operation. Confined to one thread. */
final class UndoStack {
  /** Takes one step back. */
  @FunctionalInterface
  interface Undo {
    void run() throws Exception;
  }

  private final Deque<Undo> steps = new ArrayDeque<>();

  void push(Undo step) {
    steps.push(step);
  }

  /**
   * Runs every step, the last pushed first; what fails is attached to {@code cause}, and the rest
   * still runs.
   */
  void unwind(Throwable cause) {
    while (!steps.isEmpty()) {
      try {
        steps.pop().run();
      } catch (Exception failed) {
        cause.addSuppressed(failed);
      }
    }
  }
}
