package io.gantry.image;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;

import io.gantry.image.content.Arrival;
import io.gantry.image.content.ContentStore;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.work.Cancellation;
import io.gantry.image.work.SharedWork;
import java.io.IOException;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;

/**
 * Brings blobs from registries into the content store, each once however many pulls ask for it at a
 * time. Thread-safe.
 */
final class BlobFetcher {

  /**
   * A blob that was asked for.
   *
   * @param begun completes once it can be read, though it may not have come yet
   * @param arrived completes once it is in the store; cancelling it leaves the download
   */
  record Fetch(CompletableFuture<Void> begun, CompletableFuture<Void> arrived) {}

  private final ContentStore content;
  private final SharedWork<Digest, Void> layers;
  private final SharedWork<Digest, Void> documents;
  // Of the downloads that somebody waits for.
  private final Map<Digest, CompletableFuture<Void>> begins = new ConcurrentHashMap<>();

  /**
   * @param turns runs downloads of layers, which wait for their turn
   * @param threads runs those of small documents, which need not
   * @param afterCancellation clears up after downloads that were told to stop
   */
  BlobFetcher(ContentStore content, Executor turns, Executor threads, Runnable afterCancellation) {
    this.content = content;
    this.layers = new SharedWork<>(turns, afterCancellation);
    this.documents = new SharedWork<>(threads, afterCancellation);
  }

  /** Fetches a layer; whoever asks must hold a lease on it. */
  Fetch layer(RemoteRepository repository, Descriptor blob) {
    if (content.has(blob.digest())) {
      CompletableFuture<Void> here = CompletableFuture.completedFuture(null);
      return new Fetch(here, here);
    }
    CompletableFuture<Void> begun =
        begins.computeIfAbsent(blob.digest(), any -> new CompletableFuture<>());
    CompletableFuture<Void> arrived =
        layers.join(
            blob.digest(),
            cancellation -> {
              download(repository, blob, () -> begun.complete(null), cancellation);
              return null;
            });
    arrived.whenComplete(
        (done, failure) -> {
          // What failed before it began is told by the arrival itself.
          begun.complete(null);
          begins.remove(blob.digest(), begun);
        });
    return new Fetch(begun, arrived);
  }

  /** Completes once the blob is in the store; whoever asks must hold a lease on it. */
  CompletableFuture<Void> document(RemoteRepository repository, Descriptor blob) {
    if (content.has(blob.digest())) {
      return CompletableFuture.completedFuture(null);
    }
    return documents.join(
        blob.digest(),
        cancellation -> {
          download(repository, blob, () -> {}, cancellation);
          return null;
        });
  }

  private void download(
      RemoteRepository repository, Descriptor blob, Runnable begun, Cancellation cancellation)
      throws IOException {
    if (content.has(blob.digest())) {
      begun.run(); // It came between the question and the answer.
      return;
    }
    try (Arrival arrival = content.arrive(blob.digest(), blob.sizeBytes(), cancellation)) {
      begun.run();
      if (content.has(blob.digest())) {
        return; // An earlier arrival, which this one waited for, has brought it.
      }
      try {
        repository.blob(blob, new ArrivalSink(arrival), cancellation);
      } catch (ImageException e) {
        if (e.kind() == CORRUPT || e.kind() == STORAGE) {
          arrival.spoil();
        }
        throw e;
      }
    }
  }
}
