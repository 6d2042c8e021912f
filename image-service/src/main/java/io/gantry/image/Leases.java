package io.gantry.image;

import io.gantry.image.reference.Digest;
import io.gantry.image.snapshot.ChainId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/**
 * What pulls under way rely on, so that the collector leaves it alone. A pull takes hold of a blob
 * or chain before it looks whether it is there: either it is, and stays; or it is not, and gets
 * fetched. Thread-safe.
 */
final class Leases {

  /** What one pull, or an image in the making, has held. */
  record Held(Set<Digest> blobs, Set<ChainId> chains) {
    Held {
      blobs = Set.copyOf(blobs);
      chains = Set.copyOf(chains);
    }
  }

  /** One pull's hold; closing it lets go of everything. */
  final class Lease implements AutoCloseable {
    // Guarded by Leases.this.
    private final Set<Digest> blobs = new HashSet<>();
    private final Set<ChainId> chains = new HashSet<>();

    void hold(Digest blob) {
      synchronized (Leases.this) {
        if (blobs.add(blob)) {
          heldBlobs.merge(blob, 1, Integer::sum);
        }
      }
    }

    void hold(ChainId chain) {
      synchronized (Leases.this) {
        if (chains.add(chain)) {
          heldChains.merge(chain, 1, Integer::sum);
        }
      }
    }

    Held held() {
      synchronized (Leases.this) {
        return new Held(blobs, chains);
      }
    }

    @Override
    public void close() {
      synchronized (Leases.this) {
        blobs.forEach(
            blob ->
                heldBlobs.computeIfPresent(blob, (key, count) -> count == 1 ? null : count - 1));
        chains.forEach(
            chain ->
                heldChains.computeIfPresent(chain, (key, count) -> count == 1 ? null : count - 1));
        blobs.clear();
        chains.clear();
      }
    }
  }

  /** Something to do while nobody can take hold of anything. */
  interface Sweep {
    void run(Set<Digest> blobs, Set<ChainId> chains) throws IOException;
  }

  // Both guarded by this.
  private final Map<Digest, Integer> heldBlobs = new HashMap<>();
  private final Map<ChainId, Integer> heldChains = new HashMap<>();

  // Guarded by this.
  private final List<Supplier<Set<ChainId>>> claimants = new ArrayList<>();

  /** Has that one asked in every sweep from now on for the chains that it relies on. */
  synchronized void claim(Supplier<Set<ChainId>> claimed) {
    claimants.add(claimed);
  }

  Lease open() {
    return new Lease();
  }

  /**
   * Runs the collector with what is held, and holds off whoever wants to take hold of more until it
   * is done.
   */
  synchronized void sweep(Sweep sweep) throws IOException {
    Set<ChainId> chains = new HashSet<>(heldChains.keySet());
    claimants.forEach(claimant -> chains.addAll(claimant.get()));
    sweep.run(Set.copyOf(heldBlobs.keySet()), chains);
  }
}
