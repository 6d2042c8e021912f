package io.gantry.cri.stats;

import io.gantry.image.snapshot.Snapshots;
import io.gantry.image.tree.DiskUsage;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What containers have written to their root filesystems, looked up at most every 10 s each.
 * Thread-safe.
 */
final class LayerUsage {
  /** Finding it walks the whole layer; the kubelet asks every 10 s. */
  private static final Duration FRESH = Duration.ofSeconds(10);

  private final Snapshots snapshots;
  private final Clock clock;
  private final Map<String, Measured> known = new ConcurrentHashMap<>();

  LayerUsage(Snapshots snapshots, Clock clock) {
    this.snapshots = snapshots;
    this.clock = clock;
  }

  record Measured(DiskUsage usage, Instant at) {}

  Measured of(String containerId) throws IOException {
    Measured before = known.get(containerId);
    Instant now = clock.instant();
    if (before != null && Duration.between(before.at, now).compareTo(FRESH) < 0) {
      return before;
    }
    Measured measured = new Measured(snapshots.usage(containerId), now);
    known.put(containerId, measured);
    return measured;
  }

  /** Forgets a container that is gone. */
  void forget(String containerId) {
    known.remove(containerId);
  }
}
