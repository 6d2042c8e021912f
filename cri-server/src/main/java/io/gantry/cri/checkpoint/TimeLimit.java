package io.gantry.cri.checkpoint;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.grpc.Context;
import io.grpc.Deadline;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** How long saving may take: what the request says, and no longer than the caller waits. */
final class TimeLimit {
  /** For requests that name no limit. Memory is written at the disk's speed. */
  static final Duration DEFAULT = Duration.ofMinutes(10);

  private final String what;
  private final Context caller;
  private final Deadline deadline;

  private TimeLimit(String what, Context caller, Deadline deadline) {
    this.what = what;
    this.caller = caller;
    this.deadline = deadline;
  }

  /**
   * @param what for messages: what is to be done
   * @param seconds 0 means {@link #DEFAULT}
   */
  static TimeLimit of(String what, long seconds) {
    Context caller = Context.current();
    Deadline own = Deadline.after(seconds == 0 ? DEFAULT.toSeconds() : seconds, TimeUnit.SECONDS);
    Deadline callers = caller.getDeadline();
    return new TimeLimit(what, caller, callers == null ? own : own.minimum(callers));
  }

  /**
   * As long as the caller waits.
   *
   * @throws CriException INVALID_REQUEST if it does not say how long
   */
  static TimeLimit ofCaller(String what) {
    Context caller = Context.current();
    if (caller.getDeadline() == null) {
      throw CriException.invalid(what + ": the call must have a deadline");
    }
    return new TimeLimit(what, caller, caller.getDeadline());
  }

  /**
   * What is left of it.
   *
   * @throws CriException TIMED_OUT if nothing is, or the caller is gone
   */
  Duration left() {
    long millis = deadline.timeRemaining(TimeUnit.MILLISECONDS);
    if (millis <= 0 || caller.isCancelled()) {
      throw over(null);
    }
    return Duration.ofMillis(millis);
  }

  boolean isOver() {
    return deadline.isExpired();
  }

  CriException over(Throwable cause) {
    return new CriException(Failure.TIMED_OUT, what + ": it was not done in time", cause);
  }

  /** An output that stops with {@link #over} when the time is over. */
  OutputStream on(OutputStream out) {
    return new FilterOutputStream(out) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        left();
        out.write(bytes, offset, length);
      }
    };
  }
}
