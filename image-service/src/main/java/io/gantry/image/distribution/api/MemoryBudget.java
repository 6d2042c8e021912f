package io.gantry.image.distribution.api;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Bounds what requests hold in memory at a time, for a registry is a guest in a daemon that is to
 * stay small. Thread-safe.
 */
final class MemoryBudget {

  private static final int UNIT_BYTES = 1 << 10;

  /** Room for the manifests of a few large artifacts, or of thousands of images. */
  private static final int UNITS = 16 << 10;

  private static final long PATIENCE_SECONDS = 30;

  private final Semaphore units = new Semaphore(UNITS, true);

  /** A part of the budget, given back when it is closed. */
  final class Share implements AutoCloseable {
    private final int count;

    private Share(int count) {
      this.count = count;
    }

    @Override
    public void close() {
      units.release(count);
    }
  }

  /**
   * Takes a part, waiting for it if need be.
   *
   * @throws ApiFailure if others do not give enough back in time
   */
  Share take(long bytes) throws ApiFailure {
    int count = (int) Math.min(UNITS, bytes / UNIT_BYTES + 1);
    try {
      if (units.tryAcquire(count, PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return new Share(count);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new ApiFailure(ErrorCode.TOOMANYREQUESTS, "too many manifests come at a time")
        .with("Retry-After", "10");
  }
}
