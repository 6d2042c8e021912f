package io.gantry.image.work;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * Runs a piece of work once for all who ask for the same key while it runs. Each asker gets a
 * future of its own: cancelling it leaves the others alone, and the last to leave cancels the work.
 * Thread-safe.
 */
public final class SharedWork<K, V> {

  /** The work itself; it should look at its cancellation now and then, and whenever it waits. */
  public interface Work<V> {
    V run(Cancellation cancellation) throws Exception;
  }

  private static final class Running<V> {
    final CompletableFuture<V> result = new CompletableFuture<>();
    final Cancellation cancellation = new Cancellation();
    // Guarded by the map's lock.
    int askers;
  }

  private final Executor executor;
  private final Runnable afterCancellation;
  // Guarded by itself.
  private final Map<K, Running<V>> running = new HashMap<>();

  /**
   * @param afterCancellation clears up; run on the work's thread whenever cancelled work has ended,
   *     be it that it noticed too late and succeeded
   */
  public SharedWork(Executor executor, Runnable afterCancellation) {
    this.executor = executor;
    this.afterCancellation = afterCancellation;
  }

  /** Begins the work, or joins the same work under way. */
  public CompletableFuture<V> join(K key, Work<V> work) {
    Running<V> joined;
    boolean first;
    synchronized (running) {
      joined = running.get(key);
      first = joined == null;
      if (first) {
        joined = new Running<>();
        running.put(key, joined);
      }
      joined.askers++;
    }
    CompletableFuture<V> mine = share(key, joined);
    if (first) {
      begin(key, joined, work);
    }
    return mine;
  }

  /** Joins the work for that key, if it is under way. */
  public Optional<CompletableFuture<V>> joinRunning(K key) {
    Running<V> joined;
    synchronized (running) {
      joined = running.get(key);
      if (joined == null) {
        return Optional.empty();
      }
      joined.askers++;
    }
    return Optional.of(share(key, joined));
  }

  private CompletableFuture<V> share(K key, Running<V> shared) {
    CompletableFuture<V> mine = new CompletableFuture<>();
    mine.whenComplete(
        (value, failure) -> {
          if (mine.isCancelled()) {
            leave(key, shared);
          }
        });
    shared.result.whenComplete(
        (value, failure) -> {
          if (failure != null) {
            mine.completeExceptionally(failure);
          } else {
            mine.complete(value);
          }
        });
    return mine;
  }

  private void begin(K key, Running<V> started, Work<V> work) {
    try {
      executor.execute(() -> run(key, started, work));
    } catch (RejectedExecutionException e) {
      forget(key, started);
      started.result.completeExceptionally(e);
    }
  }

  private void run(K key, Running<V> started, Work<V> work) {
    try {
      started.cancellation.check();
      V value = work.run(started.cancellation);
      forget(key, started);
      started.result.complete(value);
    } catch (Throwable failure) {
      forget(key, started);
      started.result.completeExceptionally(failure);
    }
    if (started.cancellation.isCancelled()) {
      afterCancellation.run();
    }
  }

  private void leave(K key, Running<V> left) {
    boolean last;
    synchronized (running) {
      left.askers--;
      last = left.askers == 0;
      if (last) {
        // Whoever asks from now on begins anew instead of joining what is being stopped.
        running.remove(key, left);
      }
    }
    if (last) {
      left.cancellation.cancel();
    }
  }

  private void forget(K key, Running<V> done) {
    synchronized (running) {
      running.remove(key, done);
    }
  }

  /** Cancels everything that runs, whoever waits. */
  public void cancelAll() {
    Map<K, Running<V>> all;
    synchronized (running) {
      all = Map.copyOf(running);
    }
    all.values().forEach(one -> one.cancellation.cancel());
  }
}
