package io.gantry.runtime.stdio;

/**
 * How much may still be written to a log: a cap on one file, and a rate with one second's worth of
 * credit. What is beyond is dropped rather than waited for, since a container must not stand still
 * for its log. Confined to who holds the log's lock.
 */
final class LogAllowance {
  /** No remark that lines were dropped is longer. */
  private static final int REMARK_BYTES = 128;

  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final long maxBytes;
  private final long bytesPerSecond;
  private long written; // in this file
  private long credit;
  private long lastNanos;
  private long dropped;

  /**
   * @param maxBytes 0 for no cap
   * @param bytesPerSecond 0 for no rate
   */
  LogAllowance(long maxBytes, long bytesPerSecond) {
    this.maxBytes = maxBytes;
    this.bytesPerSecond = bytesPerSecond;
    this.credit = bytesPerSecond;
  }

  /** A file that holds so much already is written to from now on. */
  void opened(long bytes) {
    written = bytes;
  }

  /**
   * Whether a line may be written; takes what it needs if so.
   *
   * @param payload how much of it the program wrote
   * @param nowNanos of any clock that mostly goes forward
   */
  boolean admits(int bytes, int payload, long nowNanos) {
    earn(nowNanos);
    // One remark may come before this line, and one after the last line of the file.
    boolean fits = maxBytes == 0 || written + bytes + 2 * REMARK_BYTES <= maxBytes;
    // A line longer than a second's worth would never be paid for otherwise.
    boolean paid = bytesPerSecond == 0 || credit >= Math.min(bytes, bytesPerSecond);
    if (!fits || !paid) {
      dropped += payload;
      return false;
    }
    written += bytes;
    credit -= bytes;
    return true;
  }

  private void earn(long nowNanos) {
    // A second is all there is to earn, so neither a long pause nor a clock that jumps overflows.
    long passed = Math.max(0, Math.min(NANOS_PER_SECOND, nowNanos - lastNanos));
    long earned = (long) ((double) bytesPerSecond * passed / NANOS_PER_SECOND);
    // Time too short to earn a byte counts from the last time that one was earned.
    if (earned > 0 || nowNanos < lastNanos) {
      credit = Math.min(bytesPerSecond, credit + earned);
      lastNanos = nowNanos;
    }
  }

  /** Counts the rest of a line of which a part was dropped. */
  void drop(int payload) {
    dropped += payload;
  }

  /** How much was dropped since this was asked last; a remark of it is written if any was. */
  long takeDropped() {
    long taken = dropped;
    written += taken > 0 ? REMARK_BYTES : 0;
    dropped = 0;
    return taken;
  }
}
