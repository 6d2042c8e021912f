package io.gantry.runtime.linux.cgroup;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * Waits between looks at a cgroup file for which the kernel has no notification that also covers
 * v1. Short at first, as most waits are for a process that is dying right now.
 */
final class Patience {
  private static final long FIRST_NANOS = 200_000;
  private static final long LONGEST_NANOS = 50_000_000;

  private final long deadline;
  private long pause = FIRST_NANOS;

  Patience(Duration limit) {
    deadline = System.nanoTime() + limit.toNanos();
  }

  /** Waits a little; false when the time is up. */
  boolean pause() {
    if (System.nanoTime() - deadline >= 0) {
      return false;
    }
    LockSupport.parkNanos(pause);
    pause = Math.min(pause * 2, LONGEST_NANOS);
    return true;
  }
}
