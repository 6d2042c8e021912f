package io.gantry.image;

import io.gantry.image.manifest.Descriptor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** The downloads of one image's layers: bottom first, some at a time. Thread-safe. */
final class LayerDownloads implements AutoCloseable {

  private final Function<Descriptor, CompletableFuture<Void>> fetch;
  // Complete when the layer is in the store; one per layer even if two layers are the same blob.
  private final List<CompletableFuture<Void>> arrivals = new ArrayList<>();
  // All three guarded by this.
  private final List<Descriptor> layers;
  private final Map<Integer, CompletableFuture<Void>> underWay = new LinkedHashMap<>();
  private int next;

  private LayerDownloads(
      List<Descriptor> layers, Function<Descriptor, CompletableFuture<Void>> fetch) {
    this.layers = layers;
    this.fetch = fetch;
    layers.forEach(layer -> arrivals.add(new CompletableFuture<>()));
  }

  static LayerDownloads start(
      List<Descriptor> layers, int atATime, Function<Descriptor, CompletableFuture<Void>> fetch) {
    LayerDownloads downloads = new LayerDownloads(layers, fetch);
    for (int i = 0; i < atATime; i++) {
      downloads.startNext();
    }
    return downloads;
  }

  /** Completes when that layer is in the store. */
  CompletableFuture<Void> arrival(int layer) {
    return arrivals.get(layer);
  }

  private void startNext() {
    int index;
    CompletableFuture<Void> download;
    synchronized (this) {
      if (next >= layers.size()) {
        return;
      }
      index = next++;
      download = fetch.apply(layers.get(index));
      underWay.put(index, download);
    }
    download.whenComplete(
        (done, failure) -> {
          synchronized (this) {
            underWay.remove(index);
          }
          if (failure == null) {
            arrivals.get(index).complete(null);
            startNext();
          } else {
            arrivals.get(index).completeExceptionally(failure);
          }
        });
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
