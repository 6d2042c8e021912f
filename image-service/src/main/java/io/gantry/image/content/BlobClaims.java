package io.gantry.image.content;

import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What those who share a content store rely on, so that whoever collects garbage leaves it alone.
 * Thread-safe.
 */
public final class BlobClaims {

  /** One who relies on blobs for longer than a request takes. */
  public interface Claimant {
    /** The digests of all blobs that it relies on now. */
    Set<Digest> claimed() throws IOException;
  }

  /** Something to do while nobody can take hold of anything. */
  public interface Sweep {
    /**
     * @param claimed every blob that somebody holds or claims
     */
    void run(Set<Digest> claimed) throws IOException;
  }

  /** What is done while a blob is held. */
  public interface Work<T> {
    T run() throws IOException;
  }

  // Both guarded by this.
  private final Map<Digest, Integer> held = new HashMap<>();
  private final List<Claimant> claimants = new ArrayList<>();

  /** Has that one asked in every sweep from now on. */
  public synchronized void add(Claimant claimant) {
    claimants.add(claimant);
  }

  /**
   * Does something while a blob, which may not be here yet, is held, so that what needs it can be
   * written down. Look whether it is here only when it is held.
   */
  public <T> T holding(Digest blob, Work<T> work) throws IOException {
    synchronized (this) {
      held.merge(blob, 1, Integer::sum);
    }
    try {
      return work.run();
    } finally {
      synchronized (this) {
        held.computeIfPresent(blob, (key, count) -> count == 1 ? null : count - 1);
      }
    }
  }

  /** Every blob that somebody relies on for longer than a request takes. */
  public synchronized Set<Digest> claimed() throws IOException {
    Set<Digest> claimed = new HashSet<>();
    for (Claimant claimant : claimants) {
      claimed.addAll(claimant.claimed());
    }
    return claimed;
  }

  /** Runs a sweep, and holds off whoever wants to take hold of a blob until it is done. */
  public synchronized void sweep(Sweep sweep) throws IOException {
    Set<Digest> claimed = new HashSet<>(held.keySet());
    for (Claimant claimant : claimants) {
      claimed.addAll(claimant.claimed());
    }
    sweep.run(claimed);
  }
}
