package io.gantry.image;

import io.gantry.image.content.ContentStore;
import io.gantry.image.content.Ingest;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.BlobSink;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.work.Cancellation;
import io.gantry.image.work.SharedWork;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;

/**
 * Brings blobs from registries into the content store, each once however many pulls ask for it at a
 * time. Thread-safe.
 */
final class BlobFetcher {

  private final ContentStore content;
  private final SharedWork<Digest, Void> downloads;

  BlobFetcher(ContentStore content, Executor executor, Runnable afterCancellation) {
    this.content = content;
    this.downloads = new SharedWork<>(executor, afterCancellation);
  }

  /** Completes once the blob is in the store; whoever asks must hold a lease on it. */
  CompletableFuture<Void> fetch(RemoteRepository repository, Descriptor blob) {
    if (content.has(blob.digest())) {
      return CompletableFuture.completedFuture(null);
    }
    return downloads.join(
        blob.digest(),
        cancellation -> {
          download(repository, blob, cancellation);
          return null;
        });
  }

  private void download(RemoteRepository repository, Descriptor blob, Cancellation cancellation)
      throws IOException {
    if (content.has(blob.digest())) {
      return; // It came between the question and the answer.
    }
    try (Ingest ingest = content.ingest(blob.digest(), blob.sizeBytes())) {
      repository.blob(blob, new IngestSink(ingest), cancellation);
    }
  }

  private record IngestSink(Ingest ingest) implements BlobSink {
    @Override
    public long received() {
      return ingest.received();
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
      ingest.write(bytes);
    }

    @Override
    public void complete() throws IOException {
      ingest.commit();
    }

    @Override
    public void reset() throws IOException {
      ingest.reset();
    }
  }
}
