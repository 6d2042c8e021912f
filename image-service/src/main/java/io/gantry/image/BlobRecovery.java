package io.gantry.image;

import io.gantry.image.content.ContentStore;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.Manifest;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.Reference;
import io.gantry.image.registry.Credentials;
import io.gantry.image.registry.RegistryClient;
import io.gantry.image.registry.RemoteRepository;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;

/**
 * Fetches blobs of images again, by digest, from the repositories that the images are named after.
 * Credentials are those that the node itself has: those of requests are not kept. Thread-safe.
 */
final class BlobRecovery {

  /**
   * How it went.
   *
   * @param words where the blob came from, or why it did not come
   */
  record Outcome(boolean came, String words) {}

  private final ContentStore content;
  private final ImageManifests manifests;
  private final RegistryClient registries;
  private final BlobFetcher fetcher;

  BlobRecovery(
      ContentStore content,
      ImageManifests manifests,
      RegistryClient registries,
      BlobFetcher fetcher) {
    this.content = content;
    this.manifests = manifests;
    this.registries = registries;
    this.fetcher = fetcher;
  }

  /** Fetches one blob of an image; whoever asks holds a lease on it, or has it recorded. */
  Outcome fetch(ImageRecord image, Digest blob) throws IOException, InterruptedException {
    Set<String> repositories = new LinkedHashSet<>();
    image.repoDigests().forEach(name -> repositories.add(name.substring(0, name.indexOf('@'))));
    if (repositories.isEmpty()) {
      return new Outcome(false, "it came from no registry");
    }
    Optional<Descriptor> descriptor = manifests.of(image).flatMap(found -> find(found, blob));
    String reason = "";
    for (String repository : repositories) {
      try {
        fetch(repository, blob, descriptor);
        return new Outcome(true, "fetched again from " + repository);
      } catch (IOException e) {
        reason = e.getMessage();
      }
    }
    return new Outcome(false, "cannot be fetched again: " + reason);
  }

  private static Optional<Descriptor> find(Manifest.Image manifest, Digest blob) {
    return Stream.concat(Stream.of(manifest.config()), manifest.layers().stream())
        .filter(part -> part.digest().equals(blob))
        .findFirst();
  }

  private void fetch(String name, Digest blob, Optional<Descriptor> descriptor)
      throws IOException, InterruptedException {
    RemoteRepository repository =
        registries.open(Reference.parse(name + "@" + blob), new Credentials.Anonymous());
    if (descriptor.isEmpty()) {
      // Neither configuration nor layer, as far as is known: a manifest or an index.
      content.write(blob, repository.resolve(new Cancellation()).bytes());
      return;
    }
    CompletableFuture<Void> arrived = fetcher.layer(repository, descriptor.get()).arrived();
    try {
      arrived.get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io
          ? io
          : new IOException(e.getCause().toString(), e);
    } finally {
      arrived.cancel(true);
    }
    if (!content.has(blob)) {
      throw new ImageException(ImageException.Kind.STORAGE, "blob " + blob + " went again at once");
    }
  }
}
