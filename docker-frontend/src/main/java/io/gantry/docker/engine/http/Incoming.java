package io.gantry.docker.engine.http;

import io.netty.buffer.ByteBuf;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Bytes that come on an event loop, for a thread that waits for them. Asks for more while it holds
 * little.
 */
final class Incoming extends InputStream {
  private static final int PLENTY = 64 * 1024;

  private final Runnable more;
  private final Deque<byte[]> chunks = new ArrayDeque<>();
  private int first;
  private int held;
  private boolean ended;
  private IOException failure;
  private Runnable firstRead = () -> {};

  /**
   * Holds nothing yet.
   *
   * @param more asks for bytes; may be run on any thread
   */
  Incoming(Runnable more) {
    this.more = more;
  }

  /** Has something done before the first byte is waited for. */
  synchronized void beforeFirstRead(Runnable action) {
    firstRead = action;
  }

  /** Takes bytes; the buffer stays the caller's. */
  synchronized void add(ByteBuf buffer) {
    if (ended || !buffer.isReadable()) {
      return;
    }
    byte[] bytes = new byte[buffer.readableBytes()];
    buffer.readBytes(bytes);
    chunks.add(bytes);
    held += bytes.length;
    notifyAll();
  }

  /** No more will come. */
  synchronized void end() {
    ended = true;
    notifyAll();
  }

  /** No more will come, because of a failure. */
  synchronized void fail(IOException reason) {
    if (!ended) {
      failure = reason;
    }
    end();
  }

  synchronized boolean wantsMore() {
    return !ended && held < PLENTY;
  }

  synchronized boolean isEnded() {
    return ended;
  }

  /** What is held can be had without waiting. */
  @Override
  public synchronized int available() {
    return held;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    boolean wants;
    int count;
    synchronized (this) {
      Runnable action = firstRead;
      firstRead = () -> {};
      action.run();
      while (chunks.isEmpty() && !ended) {
        more.run();
        await();
      }
      if (chunks.isEmpty()) {
        if (failure != null) {
          throw failure;
        }
        return -1;
      }
      byte[] chunk = chunks.peek();
      count = Math.min(length, chunk.length - first);
      System.arraycopy(chunk, first, into, offset, count);
      first += count;
      held -= count;
      if (first == chunk.length) {
        chunks.remove();
        first = 0;
      }
      wants = wantsMore();
    }
    if (wants) {
      more.run();
    }
    return count;
  }

  private void await() throws IOException {
    try {
      wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new java.io.InterruptedIOException("interrupted while waiting for the client");
    }
  }
}
