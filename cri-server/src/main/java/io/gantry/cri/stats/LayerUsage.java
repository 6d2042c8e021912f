package io.gantry.cri.stats;

import io.gantry.image.snapshot.Snapshots;
import io.gantry.image.tree.DiskUsage;
import io.gantry.runtime.linux.FileSystemStatus;
import io.gantry.runtime.linux.Files;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What containers have written to their root filesystems. Finding it walks whole directories, so it
 * is done beside the requests: who asks gets what was found last, and has it found anew if that is
 * old. Thread-safe.
 */
public final class LayerUsage {
  private static final Logger log = LoggerFactory.getLogger(LayerUsage.class);

  /** The kubelet asks every 10 s. */
  private static final Duration FRESH = Duration.ofSeconds(10);

  private final Snapshots snapshots;
  private final Path directory;
  private final Files files;
  private final Clock clock;
  private final Executor executor;
  private final Map<String, Measured> known = new ConcurrentHashMap<>();
  private final Set<String> underWay = ConcurrentHashMap.newKeySet();
  private final Set<String> forgotten = ConcurrentHashMap.newKeySet();

  /**
   * @param directory where writable layers lie, as ImageFsInfo names it too
   * @param executor of few threads: more would only make the disk busier
   */
  public LayerUsage(
      Snapshots snapshots, Path directory, Files files, Clock clock, Executor executor) {
    this.snapshots = snapshots;
    this.directory = directory;
    this.files = files;
    this.clock = clock;
    this.executor = executor;
  }

  /**
   * @param filesystem all of the one that the layer is on
   */
  public record Measured(DiskUsage usage, FileSystemStatus filesystem, Instant at) {}

  public Path directory() {
    return directory;
  }

  /** What was found last; empty if nothing was yet. Never waits. */
  Optional<Measured> of(String containerId) {
    Measured last = known.get(containerId);
    if (last == null || Duration.between(last.at, clock.instant()).compareTo(FRESH) >= 0) {
      refresh(containerId);
    }
    return Optional.ofNullable(last);
  }

  /** Has a container looked at soon. */
  void refresh(String containerId) {
    if (!underWay.add(containerId)) {
      return;
    }
    try {
      executor.execute(() -> measure(containerId));
    } catch (RejectedExecutionException stopping) {
      underWay.remove(containerId);
    }
  }

  private void measure(String containerId) {
    try {
      DiskUsage usage = snapshots.usage(containerId);
      FileSystemStatus filesystem = files.statfs(directory.toString());
      known.put(containerId, new Measured(usage, filesystem, clock.instant()));
    } catch (IOException | RuntimeException e) {
      log.atDebug().setCause(e).addKeyValue("container", containerId).log("layer not measured");
    } finally {
      underWay.remove(containerId);
      if (forgotten.remove(containerId)) {
        known.remove(containerId);
      }
    }
  }

  /** Forgets a container that is gone. */
  void forget(String containerId) {
    if (underWay.contains(containerId)) {
      forgotten.add(containerId);
    }
    known.remove(containerId);
  }
}
