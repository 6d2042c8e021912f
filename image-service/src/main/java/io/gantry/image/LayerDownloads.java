package io.gantry.image;

import io.gantry.image.manifest.Descriptor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The downloads of one image's layers: bottom first, some at a time. The first that fails ends all.
 * Thread-safe.
 */
final class LayerDownloads implements AutoCloseable {

  private final Function<Descriptor, BlobFetcher.Fetch> fetch;
  private final List<CompletableFuture<Void>> begun = new ArrayList<>();
  private final List<CompletableFuture<Void>> arrivals = new ArrayList<>();
  private final CompletableFuture<Void> broken = new CompletableFuture<>();
  // All guarded by this.
  private final List<Descriptor> layers;
  private final Map<Integer, CompletableFuture<Void>> underWay = new LinkedHashMap<>();
  private Optional<Throwable> failure = Optional.empty();
  private int next;

  private LayerDownloads(List<Descriptor> layers, Function<Descriptor, BlobFetcher.Fetch> fetch) {
    this.layers = layers;
    this.fetch = fetch;
    for (int i = 0; i < layers.size(); i++) {
      begun.add(new CompletableFuture<>());
      arrivals.add(new CompletableFuture<>());
    }
  }

  static LayerDownloads start(
      List<Descriptor> layers, int atATime, Function<Descriptor, BlobFetcher.Fetch> fetch) {
    LayerDownloads downloads = new LayerDownloads(layers, fetch);
    for (int i = 0; i < atATime; i++) {
      downloads.startNext();
    }
    return downloads;
  }

  /** Completes when that layer can be read, though it may still be on its way. */
  CompletableFuture<Void> begun(int layer) {
    return begun.get(layer);
  }

  /** Completes when that layer is in the store. */
  CompletableFuture<Void> arrival(int layer) {
    return arrivals.get(layer);
  }

  /** Why downloading has ended early, if it has. */
  synchronized Optional<Throwable> failure() {
    return failure;
  }

  /** Fails when a download does, and completes in no other way. */
  CompletableFuture<Void> broken() {
    return broken;
  }

  private void startNext() {
    int index;
    BlobFetcher.Fetch fetched;
    synchronized (this) {
      if (next >= layers.size()) {
        return;
      }
      index = next++;
      fetched = fetch.apply(layers.get(index));
      underWay.put(index, fetched.arrived());
    }
    fetched.begun().whenComplete((done, failed) -> begun.get(index).complete(null));
    fetched
        .arrived()
        .whenComplete(
            (done, failed) -> {
              synchronized (this) {
                underWay.remove(index);
              }
              if (failed == null) {
                begun.get(index).complete(null);
                arrivals.get(index).complete(null);
                startNext();
              } else {
                fail(failed);
              }
            });
  }

  private void fail(Throwable because) {
    synchronized (this) {
      if (failure.isEmpty()) {
        failure = Optional.of(because);
      }
    }
    close();
    broken.completeExceptionally(because);
    begun.forEach(one -> one.completeExceptionally(because));
    arrivals.forEach(one -> one.completeExceptionally(because));
  }

  /** Leaves the downloads still under way; they stop unless another pull wants them. */
  @Override
  public void close() {
    List<CompletableFuture<Void>> left;
    synchronized (this) {
      next = layers.size();
      left = List.copyOf(underWay.values());
    }
    left.forEach(download -> download.cancel(true));
  }
}
