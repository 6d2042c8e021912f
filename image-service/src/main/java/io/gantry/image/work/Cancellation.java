package io.gantry.image.work;

import static io.gantry.image.failure.ImageException.Kind.CANCELLED;

import io.gantry.image.failure.ImageException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * A one-way switch that tells work under way to stop. Thread-safe; hooks run on the thread that
 * cancels, outside the lock.
 */
public final class Cancellation {

  /** Something that waits. */
  public interface Waiting<T, E extends Exception> {
    T run() throws E;
  }

  private final Object lock = new Object();
  // Both guarded by lock.
  private final Set<Runnable> hooks = new LinkedHashSet<>();
  private boolean cancelled;

  /** Stops the work: wakes waiters and runs the hooks. Has no effect the second time. */
  public void cancel() {
    List<Runnable> toRun;
    synchronized (lock) {
      if (cancelled) {
        return;
      }
      cancelled = true;
      lock.notifyAll();
      toRun = new ArrayList<>(hooks);
      hooks.clear();
    }
    toRun.forEach(Runnable::run);
  }

  public boolean isCancelled() {
    synchronized (lock) {
      return cancelled;
    }
  }

  /**
   * @throws ImageException CANCELLED if the work is to stop
   */
  public void check() throws ImageException {
    if (isCancelled()) {
      throw new ImageException(CANCELLED, "nobody waits for this any more");
    }
  }

  /**
   * Waits for something with {@code hook} in place, which runs when the work is cancelled, at once
   * if it is already; it should end the waiting.
   */
  public <T, E extends Exception> T wait(Runnable hook, Waiting<T, E> waiting) throws E {
    // A fresh object, so that the same hook registered twice counts twice.
    Runnable place = () -> hook.run();
    boolean already;
    synchronized (lock) {
      already = cancelled;
      if (!already) {
        hooks.add(place);
      }
    }
    if (already) {
      hook.run();
    }
    try {
      return waiting.run();
    } finally {
      synchronized (lock) {
        hooks.remove(place);
      }
    }
  }

  /**
   * Waits for a pause between two attempts.
   *
   * @throws ImageException CANCELLED as soon as the work is to stop
   */
  public void pause(Duration duration) throws ImageException {
    long end = System.nanoTime() + duration.toNanos();
    synchronized (lock) {
      while (!cancelled) {
        long left = end - System.nanoTime();
        if (left <= 0) {
          return;
        }
        try {
          lock.wait(left / 1_000_000, (int) (left % 1_000_000));
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new ImageException(CANCELLED, "interrupted", e);
        }
      }
    }
    check();
  }
}
