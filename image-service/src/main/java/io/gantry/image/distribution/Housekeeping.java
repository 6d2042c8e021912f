package io.gantry.image.distribution;

import io.gantry.image.distribution.repository.Pruning;
import io.gantry.image.distribution.upload.Uploads;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a registry does without being asked, on one thread. Thread-safe. */
final class Housekeeping implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(Housekeeping.class);
  private static final Duration EXPIRY_EVERY = Duration.ofMinutes(5);

  private static final Duration PRUNING_EVERY = Duration.ofHours(1);

  /** Whoever deletes one thing mostly deletes more. */
  private static final Duration COLLECT_AFTER = Duration.ofSeconds(1);

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "registry-housekeeping");
            made.setDaemon(true);
            return made;
          });
  private final AtomicBoolean collecting = new AtomicBoolean();
  private final RegistryStorage.Collector collector;

  private Housekeeping(RegistryStorage.Collector collector) {
    this.collector = collector;
  }

  /**
   * @param pushTime how long a push may take, and so how long a blob is kept that no manifest names
   */
  static Housekeeping start(
      RegistryStorage storage, Uploads uploads, Duration pushTime, Clock clock) {
    Housekeeping started = new Housekeeping(storage.collector());
    Pruning pruning = new Pruning(storage.repositories(), storage.content());
    started.thread.scheduleWithFixedDelay(
        uploads::expire, 0, EXPIRY_EVERY.toSeconds(), TimeUnit.SECONDS);
    started.thread.scheduleWithFixedDelay(
        () -> started.prune(pruning, clock.instant().minus(pushTime)),
        0,
        PRUNING_EVERY.toSeconds(),
        TimeUnit.SECONDS);
    // What a crash left between a blob's arrival and its being written down.
    started.collectSoon();
    return started;
  }

  /** Has garbage collected in a moment, once for all who ask until then. */
  void collectSoon() {
    if (collecting.compareAndSet(false, true)) {
      try {
        thread.schedule(this::collect, COLLECT_AFTER.toMillis(), TimeUnit.MILLISECONDS);
      } catch (RejectedExecutionException closed) {
        // The next start collects.
      }
    }
  }

  private void prune(Pruning pruning, Instant before) {
    try {
      if (pruning.run(before)) {
        collectSoon();
      }
    } catch (IOException | RuntimeException e) {
      log.atWarn().setCause(e).log("repositories could not be gone through");
    }
  }

  private void collect() {
    collecting.set(false);
    try {
      collector.collect();
    } catch (IOException | RuntimeException e) {
      log.atWarn().setCause(e).log("garbage could not be collected");
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
