package io.gantry.image.registry;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Until when hosts want to be left alone, by their Retry-After. What one connection is told, all of
 * this node's heed: others that went on would only make the host stricter. Thread-safe.
 */
final class Gates {

  // Guarded by this: the host's authority, and until when by System.nanoTime.
  private final Map<String, Long> closed = new HashMap<>();

  /** Nobody is to ask this host for so long. */
  synchronized void close(String authority, Duration duration) {
    long until = System.nanoTime() + duration.toNanos();
    closed.merge(authority, until, (one, other) -> one - other > 0 ? one : other);
  }

  /** For how long the host is to be left alone yet; zero if it may be asked. */
  synchronized Duration left(String authority) {
    Long until = closed.get(authority);
    if (until == null) {
      return Duration.ZERO;
    }
    long nanos = until - System.nanoTime();
    if (nanos <= 0) {
      closed.remove(authority);
      return Duration.ZERO;
    }
    return Duration.ofNanos(nanos);
  }
}
