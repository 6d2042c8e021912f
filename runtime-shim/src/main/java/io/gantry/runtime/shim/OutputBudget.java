package io.gantry.runtime.shim;

/** Memory that all backlogs of a shim share. Thread-safe. */
final class OutputBudget {
  private final int limitBytes;
  private int takenBytes; // guarded by this

  OutputBudget(int limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** False, and nothing taken, if there is not so much left. */
  synchronized boolean take(int bytes) {
    if (bytes > limitBytes - takenBytes) {
      return false;
    }
    takenBytes += bytes;
    return true;
  }

  synchronized void give(int bytes) {
    takenBytes -= bytes;
  }
}
