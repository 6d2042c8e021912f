package io.gantry.cri.streaming.command;

import io.gantry.cri.streaming.process.ProcessSession;
import io.netty.buffer.ByteBuf;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Input on its way to a process that may be slow, or never read. Sizes and the end of the session
 * come on the same connection behind the input, so some of it is taken in ahead; when that is full
 * the connection is no longer read. Confined to the event loop.
 */
final class StdinQueue {
  /** How much is taken in ahead of the process, in bytes. */
  static final int LIMIT_BYTES = 1024 * 1024;

  private final Executor loop;
  private final Consumer<Boolean> reading;
  private final Queue<ByteBuf> waiting = new ArrayDeque<>();
  private int waitingBytes;
  private ProcessSession process; // null before it stands, and when all is over
  private boolean inFlight;
  private boolean ended;
  private boolean endTold;
  private boolean over;
  private boolean paused;

  /**
   * @param reading told {@code false} when the client must be left waiting, {@code true} when it
   *     may go on
   */
  StdinQueue(Executor loop, Consumer<Boolean> reading) {
    this.loop = loop;
    this.reading = reading;
  }

  /** Takes input over. */
  void add(ByteBuf bytes) {
    if (ended || over) {
      bytes.release();
      return;
    }
    waiting.add(bytes);
    waitingBytes += bytes.readableBytes();
    passOn();
    if (waitingBytes > LIMIT_BYTES && !paused) {
      paused = true;
      reading.accept(false);
    }
  }

  /** No more will come. */
  void end() {
    ended = true;
    passOn();
  }

  /** The process is there to take input. */
  void goTo(ProcessSession started) {
    process = started;
    passOn();
  }

  /** Nobody will take any more. */
  void drop() {
    over = true;
    process = null;
    waiting.forEach(ByteBuf::release);
    waiting.clear();
    waitingBytes = 0;
    resume();
  }

  private void passOn() {
    if (process == null || inFlight) {
      return;
    }
    ByteBuf next = waiting.poll();
    if (next != null) {
      inFlight = true;
      ByteBuffer bytes = next.nioBuffer();
      process.stdin(bytes).whenComplete((done, failure) -> loop.execute(() -> taken(next)));
    } else if (ended && !endTold) {
      endTold = true;
      process.closeStdin();
    }
  }

  private void taken(ByteBuf bytes) {
    inFlight = false;
    waitingBytes = Math.max(0, waitingBytes - bytes.readableBytes());
    bytes.release();
    resume();
    passOn();
  }

  private void resume() {
    if (paused && waitingBytes <= LIMIT_BYTES / 2) {
      paused = false;
      reading.accept(true);
    }
  }
}
