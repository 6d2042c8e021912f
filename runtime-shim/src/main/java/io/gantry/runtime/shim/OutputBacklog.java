package io.gantry.runtime.shim;

import java.util.ArrayDeque;
import java.util.Arrays;

/**
 * Output of both streams, in order, that one client has not taken yet. Bounded, so that neither a
 * stuck client nor many slow ones can cost a shim more memory than it has. Confined to its owner's
 * lock.
 */
final class OutputBacklog {
  private static final int CHUNK_BYTES = 4096;
  private static final int CHUNK_COST_BYTES = 64;

  private final int limitBytes;
  private final OutputBudget budget;
  private final ArrayDeque<Chunk> chunks = new ArrayDeque<>(2);
  private int costBytes;

  /** Some output of one stream. */
  static final class Chunk {
    private final boolean stderr;
    private byte[] bytes;
    private int length;
    private int cost;

    private Chunk(boolean stderr, byte[] bytes) {
      this.stderr = stderr;
      this.bytes = bytes;
      this.length = bytes.length;
      this.cost = bytes.length + CHUNK_COST_BYTES;
    }

    boolean isStderr() {
      return stderr;
    }

    byte[] bytes() {
      return bytes;
    }

    int length() {
      return length;
    }

    private void append(byte[] from, int offset, int count) {
      if (bytes.length - length < count) {
        bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + count));
      }
      System.arraycopy(from, offset, bytes, length, count);
      length += count;
      cost += count;
    }
  }

  /**
   * @param budget shared with others; both limits hold
   */
  OutputBacklog(int limitBytes, OutputBudget budget) {
    this.limitBytes = limitBytes;
    this.budget = budget;
  }

  /** Adds a copy of the bytes; false, and nothing added, if there is no room for all of them. */
  boolean add(boolean stderr, byte[] from, int offset, int count) {
    Chunk last = chunks.peekLast();
    boolean more = last != null && last.stderr == stderr && last.length + count <= CHUNK_BYTES;
    int cost = more ? count : count + CHUNK_COST_BYTES;
    if (cost > limitBytes - costBytes || !budget.take(cost)) {
      return false;
    }
    costBytes += cost;
    if (more) {
      last.append(from, offset, count);
    } else {
      chunks.add(new Chunk(stderr, Arrays.copyOfRange(from, offset, offset + count)));
    }
    return true;
  }

  /** The oldest output, which is the caller's from now on; null if there is none. */
  Chunk poll() {
    Chunk chunk = chunks.poll();
    if (chunk != null) {
      costBytes -= chunk.cost;
      budget.give(chunk.cost);
    }
    return chunk;
  }

  void clear() {
    chunks.clear();
    budget.give(costBytes);
    costBytes = 0;
  }
}
