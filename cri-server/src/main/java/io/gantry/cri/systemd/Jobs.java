package io.gantry.cri.systemd;

import io.gantry.cri.dbus.DBusConnection;
import io.gantry.cri.dbus.Signal;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * The jobs that systemd was asked for, by its signals of their end. A job may end before the answer
 * that names it has been read, so each unit is watched from before the request. Thread-safe.
 */
final class Jobs implements DBusConnection.Listener {
  private final Map<String, Watch> byUnit = new HashMap<>(); // guarded by this

  /** The jobs of one unit. */
  final class Watch implements AutoCloseable {
    private final String unit;
    private final Map<String, String> results = new HashMap<>(); // guarded by Jobs.this
    private String awaited; // guarded by Jobs.this; null until the answer names the job
    private final CompletableFuture<String> result = new CompletableFuture<>();

    private Watch(String unit) {
      this.unit = unit;
    }

    /** How a job ends: {@code done}, or another word of org.freedesktop.systemd1(5), JobRemoved. */
    CompletableFuture<String> resultOf(String job) {
      synchronized (Jobs.this) {
        awaited = job;
        if (results.containsKey(job)) {
          result.complete(results.get(job));
        }
      }
      return result;
    }

    private void ended(String job, String how) {
      results.put(job, how);
      if (job.equals(awaited)) {
        result.complete(how);
      }
    }

    @Override
    public void close() {
      synchronized (Jobs.this) {
        byUnit.remove(unit, this);
      }
    }
  }

  /**
   * @throws IllegalStateException if the unit has a job at work already: units have one owner, who
   *     does one thing at a time
   */
  synchronized Watch watch(String unit) {
    Watch watch = new Watch(unit);
    if (byUnit.putIfAbsent(unit, watch) != null) {
      throw new IllegalStateException("unit " + unit + " has a job at work already");
    }
    return watch;
  }

  /** JobRemoved's arguments: u id, o job, s unit, s result. */
  @Override
  public void heard(Signal signal) {
    if (!signal.name().equals("JobRemoved") || signal.body().size() < 4) {
      return;
    }
    synchronized (this) {
      Watch watch = byUnit.get(String.valueOf(signal.body().get(2)));
      if (watch != null) {
        watch.ended(String.valueOf(signal.body().get(1)), String.valueOf(signal.body().get(3)));
      }
    }
  }

  @Override
  public synchronized void ended(IOException why) {
    byUnit.values().forEach(watch -> watch.result.completeExceptionally(why));
  }
}
