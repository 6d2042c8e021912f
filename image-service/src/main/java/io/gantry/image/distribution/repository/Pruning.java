package io.gantry.image.distribution.repository;

import io.gantry.image.content.ContentStore;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ManifestSummary;
import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has repositories forget the blobs that none of their manifests names: what is left of deleted
 * manifests, and of pushes that came to no end. Thread-safe.
 */
public final class Pruning {

  private static final Logger log = LoggerFactory.getLogger(Pruning.class);

  private final Repositories repositories;
  private final ContentStore content;

  public Pruning(Repositories repositories, ContentStore content) {
    this.repositories = repositories;
    this.content = content;
  }

  /**
   * Goes through all repositories.
   *
   * @param before blobs that were pushed, or asked for by name, since then stay: their manifest may
   *     be on its way
   * @return whether anything was forgotten
   */
  public boolean run(Instant before) throws IOException {
    boolean any = false;
    for (RepositoryName name : repositories.all()) {
      int count = prune(repositories.get(name), before);
      if (count > 0) {
        log.atInfo()
            .addKeyValue("repository", name)
            .addKeyValue("blobs", count)
            .log("blobs that no manifest names were forgotten");
      }
      any |= count > 0;
    }
    return any;
  }

  private int prune(Repository repository, Instant before) throws IOException {
    Set<Digest> old = repository.blobsUntouchedSince(before);
    if (old.isEmpty()) {
      return 0;
    }
    Set<Digest> named;
    try {
      named = named(repository);
    } catch (IOException e) {
      // What cannot be read may name anything: nothing goes.
      log.atWarn()
          .addKeyValue("repository", repository.name())
          .addKeyValue("error", e.getMessage())
          .log("a manifest cannot be read, so none of the repository's blobs is forgotten");
      return 0;
    }
    int count = 0;
    for (Digest blob : old) {
      if (!named.contains(blob) && repository.removeBlobUntouchedSince(before, blob)) {
        count++;
      }
    }
    return count;
  }

  private Set<Digest> named(Repository repository) throws IOException {
    Set<Digest> named = new HashSet<>();
    for (Digest digest : repository.manifests()) {
      Optional<ManifestRecord> manifest = repository.manifest(digest);
      if (manifest.isEmpty()) {
        continue; // Removed meanwhile.
      }
      byte[] bytes = content.read(digest, Math.toIntExact(manifest.get().sizeBytes()));
      ManifestSummary.parse("manifest " + digest, bytes, manifest.get().mediaType())
          .blobs()
          .stream()
          .map(Descriptor::digest)
          .forEach(named::add);
    }
    return named;
  }
}
