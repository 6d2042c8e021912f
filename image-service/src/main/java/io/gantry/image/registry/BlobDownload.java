package io.gantry.image.registry;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;

import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Brings one blob from one host: in parts, over several connections if the blob is large, the host
 * knows ranges and connections can be had.
 */
final class BlobDownload {

  private final HostClient host;
  private final String path;
  private final Descriptor blob;
  private final RegistrySettings settings;
  private final Crew crew;
  private final BlobSink sink;
  // Both guarded by this.
  private final List<CompletableFuture<Void>> others = new ArrayList<>();
  private Optional<IOException> failure = Optional.empty();

  BlobDownload(
      HostClient host,
      String path,
      Descriptor blob,
      RegistrySettings settings,
      Crew crew,
      BlobSink sink) {
    this.host = host;
    this.path = path;
    this.blob = blob;
    this.settings = settings;
    this.crew = crew;
    this.sink = sink;
  }

  /**
   * Downloads what the sink lacks, and completes it.
   *
   * @throws ImageException why it could not be had; all connections have ended by then
   */
  void run(Cancellation cancellation) throws IOException {
    Cancellation connections = new Cancellation();
    cancellation.wait(
        connections::cancel,
        () -> {
          fetch(connections);
          return null;
        });
    cancellation.check();
    if (failed().isPresent()) {
      throw failed().get();
    }
    sink.complete(cancellation);
  }

  /**
   * Fetches parts until there are none left. What others had to give back is fetched here, so that
   * they can only help: it is this thread's failure that counts.
   */
  private void fetch(Cancellation connections) {
    try {
      while (failed().isEmpty()
          && !connections.isCancelled()
          && sink.received() < blob.sizeBytes()) {
        work(connections);
        awaitOthers();
      }
    } catch (IOException | RuntimeException e) {
      fail(e);
      connections.cancel();
      awaitOthers();
    }
  }

  private void awaitOthers() {
    List<CompletableFuture<Void>> left;
    synchronized (this) {
      left = List.copyOf(others);
    }
    left.forEach(CompletableFuture::join);
  }

  private void work(Cancellation connections) throws IOException {
    Optional<BlobSink.Part> part = sink.part(settings.partBytes());
    while (part.isPresent()) {
      new PartDownload(host, path, blob, settings, sink, () -> recruit(connections))
          .run(part.get(), connections);
      part = sink.part(settings.partBytes());
    }
  }

  private synchronized void fail(Exception e) {
    if (failure.isEmpty()) {
      failure = Optional.of(e instanceof IOException io ? io : new IOException(e));
    }
  }

  private synchronized Optional<IOException> failed() {
    return failure;
  }

  /** Called once the host has shown that it knows ranges. */
  private synchronized void recruit(Cancellation connections) {
    long parts = (blob.sizeBytes() - sink.received()) / settings.partBytes();
    while (others.size() + 1 < settings.connectionsPerBlob() && others.size() < parts) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      if (!crew.tryRun(() -> help(connections, done))) {
        return;
      }
      others.add(done);
    }
  }

  private void help(Cancellation connections, CompletableFuture<Void> done) {
    try {
      work(connections);
    } catch (IOException | RuntimeException e) {
      boolean hopeless =
          e instanceof ImageException image && (image.kind() == STORAGE || image.kind() == CORRUPT);
      if (hopeless) {
        fail(e);
        connections.cancel();
      }
    } finally {
      done.complete(null);
    }
  }
}
