package io.gantry.cri.shims;

/**
 * Bounds what is held at once of all commands' output, so that many commands that print much cannot
 * take the daemon down. Thread-safe.
 */
public final class OutputMemory {
  private final long limitBytes;
  private long heldBytes; // guarded by this

  /** A limit of at least one byte. */
  public OutputMemory(long limitBytes) {
    if (limitBytes < 1) {
      throw new IllegalArgumentException("no memory for output: " + limitBytes + " bytes");
    }
    this.limitBytes = limitBytes;
  }

  /** One command's part, empty at first. */
  public Share share() {
    return new Share();
  }

  private synchronized boolean take(long bytes) {
    if (bytes > limitBytes - heldBytes) {
      return false;
    }
    heldBytes += bytes;
    return true;
  }

  private synchronized void give(long bytes) {
    heldBytes -= bytes;
  }

  /** What one command's output takes, until it is closed. Thread-safe. */
  public final class Share implements AutoCloseable {
    private long bytes; // guarded by this
    private boolean closed; // guarded by this

    private Share() {}

    /** False, and nothing taken, if there is not so much left, or after the end. */
    public synchronized boolean take(long more) {
      if (closed || !OutputMemory.this.take(more)) {
        return false;
      }
      bytes += more;
      return true;
    }

    long limitBytes() {
      return limitBytes;
    }

    /** Gives everything back; can be repeated. */
    @Override
    public synchronized void close() {
      closed = true;
      OutputMemory.this.give(bytes);
      bytes = 0;
    }
  }
}
