package io.gantry.image.registry;

import io.gantry.image.failure.ImageException;
import io.gantry.image.work.Cancellation;
import java.time.Duration;

/** The pauses of one pull, which together must not last longer than its budget. Thread-safe. */
final class Pauses {

  // Guarded by this.
  private Duration left;

  Pauses(Duration budget) {
    this.left = budget;
  }

  /**
   * Waits, if the budget allows.
   *
   * @return whether it did; otherwise it is time to give up
   * @throws ImageException CANCELLED as soon as the work is to stop
   */
  boolean pause(Duration duration, Cancellation cancellation) throws ImageException {
    synchronized (this) {
      if (duration.compareTo(left) > 0) {
        return false;
      }
      left = left.minus(duration);
    }
    cancellation.pause(duration);
    return true;
  }
}
