package io.gantry.image;

import io.gantry.image.content.ContentStore;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.reference.Digest;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.snapshot.OverlaySnapshots;
import io.gantry.image.unpack.LayerUnpacker;
import io.gantry.image.work.Cancellation;
import io.gantry.image.work.SharedWork;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Unpacks layers from the content store into snapshots, each chain once however many pulls need it
 * at a time. Thread-safe.
 */
final class LayerCommits {

  private final ContentStore content;
  private final OverlaySnapshots snapshots;
  private final LayerUnpacker unpacker;
  private final SharedWork<ChainId, Void> work;

  LayerCommits(
      ContentStore content,
      OverlaySnapshots snapshots,
      LayerUnpacker unpacker,
      Executor executor,
      Runnable afterCancellation) {
    this.content = content;
    this.snapshots = snapshots;
    this.unpacker = unpacker;
    this.work = new SharedWork<>(executor, afterCancellation);
  }

  /**
   * Completes once the chain is committed; whoever asks must hold leases on it, on what is below
   * and on the layer's blob, which must be here.
   *
   * @param layer the layer on top
   * @param diffId what that layer unpacks to
   */
  CompletableFuture<Void> commit(
      ChainId chain, Optional<ChainId> below, Descriptor layer, Digest diffId) {
    if (snapshots.hasChain(chain)) {
      return CompletableFuture.completedFuture(null);
    }
    return work.join(
        chain,
        cancellation -> {
          unpack(chain, below, layer, diffId, cancellation);
          return null;
        });
  }

  private void unpack(
      ChainId chain,
      Optional<ChainId> below,
      Descriptor layer,
      Digest diffId,
      Cancellation cancellation)
      throws IOException {
    snapshots.commit(
        chain,
        below,
        (tree, lower) -> {
          try (InputStream compressed = content.open(layer.digest())) {
            unpacker.unpack(compressed, layer.sizeBytes(), diffId, tree, lower, cancellation);
          }
        });
  }
}
