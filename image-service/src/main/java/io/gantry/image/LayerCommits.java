package io.gantry.image;

import static io.gantry.image.failure.ImageException.Kind.CANCELLED;
import static io.gantry.image.failure.ImageException.Kind.NOT_FOUND;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;

import io.gantry.image.content.ContentStore;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.snapshot.ChainId;
import io.gantry.image.snapshot.OverlaySnapshots;
import io.gantry.image.unpack.LayerUnpacker;
import io.gantry.image.work.Cancellation;
import io.gantry.image.work.SharedWork;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;

/**
 * Unpacks layers into snapshots while they arrive, each chain once however many pulls need it at a
 * time. A layer is unpacked beside those below it and waits for them only where it looks at them,
 * and at its end. Thread-safe.
 */
final class LayerCommits {

  /**
   * A layer to unpack.
   *
   * @param below the chain that it stands on
   * @param blob on its way into the store, or there
   * @param diffId what it unpacks to
   */
  record Layer(Optional<ChainId> below, Descriptor blob, Digest diffId) {
    ChainId chain() {
      return below.map(chain -> chain.then(diffId)).orElseGet(() -> ChainId.first(diffId));
    }
  }

  private final ContentStore content;
  private final BlobFetcher blobs;
  private final OverlaySnapshots snapshots;
  private final LayerUnpacker unpacker;
  private final SharedWork<ChainId, Void> work;

  LayerCommits(
      ContentStore content,
      BlobFetcher blobs,
      OverlaySnapshots snapshots,
      LayerUnpacker unpacker,
      Executor executor,
      Runnable afterCancellation) {
    this.content = content;
    this.blobs = blobs;
    this.snapshots = snapshots;
    this.unpacker = unpacker;
    this.work = new SharedWork<>(executor, afterCancellation);
  }

  /**
   * Completes once the chain is committed; whoever asks must hold leases on it, on what is below
   * and on the layer's blob, and must have asked for the chain below before.
   */
  CompletableFuture<Void> commit(Layer layer, RemoteRepository repository) {
    if (snapshots.hasChain(layer.chain())) {
      return CompletableFuture.completedFuture(null);
    }
    return work.join(
        layer.chain(),
        cancellation -> {
          unpack(layer, repository, cancellation);
          return null;
        });
  }

  /** Whether a chain is committed. */
  boolean has(ChainId chain) {
    return snapshots.hasChain(chain);
  }

  /** As {@link #commit}, of a layer whose blob is in the store. */
  CompletableFuture<Void> commitStored(Layer layer) {
    if (snapshots.hasChain(layer.chain())) {
      return CompletableFuture.completedFuture(null);
    }
    return work.join(
        layer.chain(),
        cancellation -> {
          unpackOnce(layer, cancellation);
          return null;
        });
  }

  private void unpack(Layer layer, RemoteRepository repository, Cancellation cancellation)
      throws IOException {
    // A stake of its own in the download: the pull that began this may leave.
    CompletableFuture<Void> arrived = blobs.layer(repository, layer.blob()).arrived();
    try {
      if (!arrived.isDone()) {
        try {
          unpackOnce(layer, cancellation);
          return;
        } catch (ImageException e) {
          if (e.kind() == STORAGE || e.kind() == CANCELLED) {
            throw e;
          }
          // If the download fails as well, that is the reason. If it does not, it may have begun
          // anew from another host, and what was read of the first tells nothing.
          await(arrived, cancellation);
        }
      }
      await(arrived, cancellation);
      unpackOnce(layer, cancellation);
    } finally {
      arrived.cancel(true);
    }
  }

  private void unpackOnce(Layer layer, Cancellation cancellation) throws IOException {
    snapshots.commit(
        layer.chain(),
        layer.below(),
        () -> awaitBelow(layer, cancellation),
        (tree, lower) -> {
          try (InputStream compressed = content.follow(layer.blob().digest(), cancellation)) {
            unpacker.unpack(
                compressed, layer.blob().sizeBytes(), layer.diffId(), tree, lower, cancellation);
            // Whatever is left: at the end the blob is known to be the one that was wanted.
            compressed.transferTo(OutputStream.nullOutputStream());
          }
        });
  }

  private void awaitBelow(Layer layer, Cancellation cancellation) throws IOException {
    if (layer.below().isEmpty() || snapshots.hasChain(layer.below().get())) {
      return;
    }
    ChainId below = layer.below().get();
    Optional<CompletableFuture<Void>> running = work.joinRunning(below);
    if (running.isPresent()) {
      await(running.get(), cancellation);
    }
    if (!snapshots.hasChain(below)) {
      throw new ImageException(NOT_FOUND, "the layers of chain " + below + " are not here");
    }
  }

  private static void await(CompletableFuture<Void> work, Cancellation cancellation)
      throws IOException {
    try {
      cancellation.wait(() -> work.cancel(true), work::join);
    } catch (CancellationException e) {
      throw new ImageException(CANCELLED, "nobody waits for this any more", e);
    } catch (CompletionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    }
  }
}
