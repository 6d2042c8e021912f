package io.gantry.image.distribution.wire;

import io.netty.channel.Channel;
import io.netty.util.concurrent.ScheduledFuture;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * Closes a connection whose client stands still. What counts as moving is a number that changes.
 * Confined to the connection's event loop.
 */
final class Patience {

  /** How often it is looked whether something has moved, as a part of the whole time. */
  private static final int LOOKS = 4;

  private final Channel channel;
  private final Duration limit;
  private LongSupplier progress;
  private long last;
  private int still;
  private ScheduledFuture<?> next;

  Patience(Channel channel, Duration limit) {
    this.channel = channel;
    this.limit = limit;
  }

  /** Begins to wait, for something else than before. */
  void begin(LongSupplier newProgress) {
    end();
    progress = newProgress;
    last = newProgress.getAsLong();
    still = 0;
    schedule();
  }

  void end() {
    if (next != null) {
      next.cancel(false);
      next = null;
    }
  }

  private void schedule() {
    next =
        channel
            .eventLoop()
            .schedule(this::look, Math.max(1, limit.toMillis() / LOOKS), TimeUnit.MILLISECONDS);
  }

  private void look() {
    long now = progress.getAsLong();
    still = now == last ? still + 1 : 0;
    last = now;
    if (still >= LOOKS) {
      channel.close();
    } else {
      schedule();
    }
  }
}
