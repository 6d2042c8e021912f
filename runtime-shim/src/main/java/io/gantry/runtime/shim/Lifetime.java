package io.gantry.runtime.shim;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Ends a shim that nobody needs: one that holds no container and has had no connection for a while.
 * Without it a warm shim would outlive a daemon that was killed and never came back.
 */
final class Lifetime {
  private final Optional<Duration> idleLimit;
  private final ScheduledExecutorService timers;
  private final BooleanSupplier holdsNothing;
  private final Runnable end;
  private int connections; // guarded by this
  private ScheduledFuture<?> pending; // guarded by this

  /**
   * @param idleLimit empty: only Shutdown ends the shim
   * @param end must not return to be called twice; ends the process
   */
  Lifetime(
      Optional<Duration> idleLimit,
      ScheduledExecutorService timers,
      BooleanSupplier holdsNothing,
      Runnable end) {
    this.idleLimit = idleLimit;
    this.timers = timers;
    this.holdsNothing = holdsNothing;
    this.end = end;
  }

  synchronized void connections(int count) {
    connections = count;
    changed();
  }

  /** To be called after each change of what {@code holdsNothing} says. */
  synchronized void changed() {
    if (pending != null) {
      pending.cancel(false);
      pending = null;
    }
    if (idleLimit.isPresent() && idle()) {
      pending = timers.schedule(this::check, idleLimit.get().toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private boolean idle() {
    return connections == 0 && holdsNothing.getAsBoolean();
  }

  private void check() {
    synchronized (this) {
      if (!idle()) {
        return;
      }
    }
    end.run();
  }
}
