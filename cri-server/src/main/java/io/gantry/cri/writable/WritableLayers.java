package io.gantry.cri.writable;

import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.state.RecordStore;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.image.reference.Digest;
import io.gantry.proto.cri.v1.ContainerConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The node's writable layers. One container at a time has a layer; while none has it, its files can
 * be visited, and a container that wants it waits for those who do. Thread-safe.
 */
public final class WritableLayers {
  /** In a container's configuration: the key of the layer that takes the place of its own. */
  public static final String ANNOTATION = "gantry.io/writable-layer";

  private static final Logger log = LoggerFactory.getLogger(WritableLayers.class);
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final RecordStore<WritableLayer> records;
  private final Images images;
  private final Clock clock;

  // Changed with this held; read without, as the sweep of blobs that asks holds a lock of its own.
  private final Map<String, WritableLayer> layers = new ConcurrentHashMap<>();
  private final Map<String, String> holders = new HashMap<>(); // guarded by this
  private final Map<String, Integer> visitors = new HashMap<>(); // guarded by this

  private WritableLayers(RecordStore<WritableLayer> records, Images images, Clock clock) {
    this.records = records;
    this.images = images;
    this.clock = clock;
  }

  /**
   * Opens the records below a directory, and takes away what a crash left half-made. Nobody may
   * collect blobs before {@link #claimed} is asked.
   */
  public static WritableLayers open(Path directory, Images images, Clock clock, FaultPoints faults)
      throws IOException {
    WritableLayers opened =
        new WritableLayers(
            RecordStore.open(directory, new WritableLayerRecords(), faults), images, clock);
    opened.load();
    return opened;
  }

  private synchronized void load() throws IOException {
    Set<String> snapshots = images.snapshots().list();
    for (WritableLayer layer : records.load().values()) {
      boolean there = snapshots.contains(layer.snapshotKey());
      if (layer.made() && there) {
        layers.put(layer.key(), layer);
        continue;
      }
      if (layer.made()) {
        log.atWarn()
            .addKeyValue("layer", layer.key())
            .log("a layer's files are gone, and so is it");
      }
      images.snapshots().remove(layer.snapshotKey());
      records.remove(layer.key());
    }
  }

  /** The layer that a container's configuration asks for. */
  public static Optional<String> keyIn(ContainerConfig config) {
    return Optional.ofNullable(config.getAnnotationsMap().get(ANNOTATION));
  }

  /** The key of a container's file system: its own is called as it is. */
  public static String snapshotKey(String containerId, ContainerConfig config) {
    return keyIn(config).map(WritableLayer::snapshotKey).orElse(containerId);
  }

  /** Whether a file system belongs to one of these layers. */
  public boolean owns(String snapshotKey) {
    return WritableLayer.keyOfSnapshot(snapshotKey).map(layers::containsKey).orElse(false);
  }

  /** The blobs of all the images that layers stand on. */
  public Set<Digest> claimed() {
    Set<Digest> blobs = new HashSet<>();
    for (WritableLayer layer : layers.values()) {
      layer.image().ifPresent(image -> blobs.addAll(image.blobs()));
    }
    return blobs;
  }

  /**
   * Makes a layer; asking again for the same gives the same.
   *
   * @param image the name of an image that is here; empty for none
   * @throws CriException NOT_FOUND if the image is not here; ALREADY_EXISTS if the key is another
   *     layer's
   */
  public synchronized WritableLayer create(String key, String image) throws IOException {
    WritableLayer known = layers.get(key);
    if (known != null) {
      return repeated(known, image);
    }
    Optional<ImageRecord> found = image.isEmpty() ? Optional.empty() : Optional.of(find(image));
    WritableLayer layer = new WritableLayer(key, image, found, clock.instant(), false);
    try {
      layers.put(key, layer);
      records.add(key, layer);
      if (found.isPresent()) {
        // From here on its blobs are claimed; a removal that began before may have missed that.
        find(found.get().id().toString());
      }
      images.snapshots().prepare(layer.snapshotKey(), layer.chain());
      WritableLayer made = layer.withMade(true);
      records.put(key, made);
      layers.put(key, made);
      return made;
    } catch (IOException | RuntimeException | Error e) {
      undo(layer, e);
      throw e;
    }
  }

  private void undo(WritableLayer layer, Throwable cause) {
    layers.remove(layer.key());
    try {
      images.snapshots().remove(layer.snapshotKey());
      records.remove(layer.key());
    } catch (IOException | RuntimeException left) {
      cause.addSuppressed(left);
    }
  }

  private ImageRecord find(String image) {
    return images
        .find(image)
        .orElseThrow(
            () -> CriException.notFound("image \"" + image + "\" not found: pull it first"));
  }

  private WritableLayer repeated(WritableLayer known, String image) {
    boolean same =
        known.asked().equals(image)
            || images
                .find(image)
                .map(found -> known.image().filter(own -> own.id().equals(found.id())).isPresent())
                .orElse(false);
    if (!same) {
      throw new CriException(
          Failure.ALREADY_EXISTS,
          "layer %s exists already, above %s"
              .formatted(
                  known.key(), known.image().map(own -> "image " + own.id()).orElse("nothing")));
    }
    return known;
  }

  /**
   * Removes a layer and all it holds; does nothing if it is not there.
   *
   * @throws CriException WRONG_STATE while a container has it, or its files are in use
   */
  public synchronized void remove(String key) throws IOException {
    WritableLayer layer = layers.get(key);
    if (layer == null) {
      return;
    }
    requireFree(key, "remove layer " + key);
    if (visitors.containsKey(key)) {
      throw CriException.wrongState(
          "remove layer " + key + ": its files are being read or written; try again later");
    }
    WritableLayer leaving = layer.withMade(false);
    records.put(key, leaving);
    images.snapshots().remove(layer.snapshotKey());
    records.remove(key);
    layers.remove(key);
  }

  private void requireFree(String key, String what) {
    String holder = holders.get(key);
    if (holder != null) {
      throw CriException.wrongState(what + ": container " + holder + " has it");
    }
  }

  /** All layers, by key. */
  public List<WritableLayer> list() {
    return layers.values().stream()
        .filter(WritableLayer::made)
        .sorted(Comparator.comparing(WritableLayer::key))
        .toList();
  }

  /**
   * @throws CriException NOT_FOUND
   */
  public WritableLayer get(String key) {
    return Optional.ofNullable(layers.get(key))
        .filter(WritableLayer::made)
        .orElseThrow(() -> CriException.notFound("layer " + key + " not found"));
  }

  /** The container that has a layer now. */
  public synchronized Optional<String> holder(String key) {
    return Optional.ofNullable(holders.get(key));
  }

  /**
   * Gives a layer to a container, until {@link #giveBack}. Waits for those who visit its files.
   *
   * @throws CriException NOT_FOUND; WRONG_STATE if another container has it; TIMED_OUT
   */
  public synchronized WritableLayer take(String key, String containerId)
      throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      WritableLayer layer = get(key);
      requireFree(key, "use layer " + key);
      if (!visitors.containsKey(key)) {
        holders.put(key, containerId);
        return layer;
      }
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        throw new CriException(
            Failure.TIMED_OUT,
            "use layer %s: its files have been in use for %d s"
                .formatted(key, PATIENCE.toSeconds()));
      }
      wait(left);
    }
  }

  /** Says that a container of an earlier daemon has a layer. */
  public synchronized void adopt(String key, String containerId) {
    holders.put(key, containerId);
  }

  /** Takes a layer back from a container; does nothing if that has none. */
  public synchronized void giveBack(String key, String containerId) {
    holders.remove(key, containerId);
  }

  /** While it is open no container gets the layer, and nobody removes it. */
  public interface Visit extends AutoCloseable {
    WritableLayer layer();

    /** The container that had the layer when the visit began. */
    Optional<String> holder();

    @Override
    void close();
  }

  /**
   * Begins to visit a layer's files.
   *
   * @throws CriException NOT_FOUND
   */
  public synchronized Visit visit(String key) {
    WritableLayer layer = get(key);
    Optional<String> holder = Optional.ofNullable(holders.get(key));
    visitors.merge(key, 1, Integer::sum);
    return new Visit() {
      private boolean closed;

      @Override
      public WritableLayer layer() {
        return layer;
      }

      @Override
      public Optional<String> holder() {
        return holder;
      }

      @Override
      public void close() {
        synchronized (WritableLayers.this) {
          if (!closed) {
            closed = true;
            visitors.computeIfPresent(key, (same, count) -> count == 1 ? null : count - 1);
            WritableLayers.this.notifyAll();
          }
        }
      }
    };
  }
}
