package io.gantry.image.registry;

import java.net.http.HttpTimeoutException;

/**
 * Holds a body to a least speed, so that one that trickles does not last for ever. Confined to one
 * thread.
 */
final class Pace {

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final long windowNanos;
  private final long leastBytes;
  private long since = System.nanoTime();
  private long bytes;

  Pace(Patience patience) {
    this.windowNanos = patience.noProgressTimeout().toNanos();
    this.leastBytes =
        (long) ((double) patience.leastBytesPerSecond() * windowNanos / NANOS_PER_SECOND);
  }

  /**
   * @throws HttpTimeoutException if less has come in the time that is over than should have
   */
  void came(long more) throws HttpTimeoutException {
    bytes += more;
    long now = System.nanoTime();
    if (now - since < windowNanos) {
      return;
    }
    if (bytes < leastBytes) {
      throw new HttpTimeoutException(
          "only " + bytes + " bytes came in " + windowNanos / 1_000_000 + " ms");
    }
    since = now;
    bytes = 0;
  }
}
