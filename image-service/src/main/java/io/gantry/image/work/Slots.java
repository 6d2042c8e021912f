package io.gantry.image.work;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;

/**
 * A bounded number of tasks at a time, the others in the order of their coming. Places that nobody
 * waits for can be had for more of what is under way. Thread-safe.
 */
public final class Slots implements Executor {

  private final Executor threads;
  // Both guarded by this.
  private final Deque<Runnable> waiting = new ArrayDeque<>();
  private int free;

  /**
   * @param places how many tasks may run at a time, at least 1
   * @param threads runs them; must take as many
   */
  public Slots(int places, Executor threads) {
    if (places < 1) {
      throw new IllegalArgumentException("nothing can be done " + places + " at a time");
    }
    this.free = places;
    this.threads = threads;
  }

  @Override
  public void execute(Runnable task) {
    synchronized (this) {
      if (free == 0) {
        waiting.add(task);
        return;
      }
      free--;
    }
    start(task);
  }

  /** Runs the task if there is a place for it now. */
  public boolean tryExecute(Runnable task) {
    synchronized (this) {
      if (free == 0) {
        return false;
      }
      free--;
    }
    start(task);
    return true;
  }

  private void start(Runnable task) {
    boolean started = false;
    try {
      threads.execute(() -> run(task));
      started = true;
    } finally {
      if (!started) {
        giveBack();
      }
    }
  }

  private synchronized void giveBack() {
    free++;
  }

  private void run(Runnable first) {
    Runnable task = first;
    while (task != null) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        // The next one must not wait for ever because of this one.
        Thread thread = Thread.currentThread();
        thread.getUncaughtExceptionHandler().uncaughtException(thread, e);
      }
      task = next();
    }
  }

  private synchronized Runnable next() {
    Runnable task = waiting.poll();
    if (task == null) {
      free++;
    }
    return task;
  }
}
