package io.gantry.image.distribution.cache;

import io.gantry.image.content.ContentStore;
import io.gantry.image.distribution.repository.ManifestRecord;
import io.gantry.image.distribution.repository.Repository;
import io.gantry.image.distribution.repository.RepositoryName;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ManifestSummary;
import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * How large the blobs are that manifests name, for a client asks for a blob by its digest alone.
 * Those of late are remembered; others are looked up in the repository's manifests. Thread-safe.
 */
final class ExpectedBlobs {

  private static final int COUNT_LIMIT = 10_000;

  private record Key(RepositoryName repository, Digest digest) {}

  private final ContentStore content;
  // Guarded by itself; the oldest goes first.
  private final Map<Key, Long> sizes =
      new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Long> eldest) {
          return size() > COUNT_LIMIT;
        }
      };

  ExpectedBlobs(ContentStore content) {
    this.content = content;
  }

  void add(Repository repository, ManifestSummary manifest) {
    synchronized (sizes) {
      for (Descriptor blob : manifest.blobs()) {
        sizes.put(new Key(repository.name(), blob.digest()), blob.sizeBytes());
      }
    }
  }

  OptionalLong sizeOf(Repository repository, Digest digest) throws IOException {
    OptionalLong known = remembered(repository, digest);
    if (known.isPresent()) {
      return known;
    }
    for (Digest manifest : repository.manifests()) {
      try {
        Optional<ManifestSummary> summary = summary(repository, manifest);
        if (summary.isPresent()
            && summary.get().blobs().stream().anyMatch(blob -> blob.digest().equals(digest))) {
          add(repository, summary.get());
          return remembered(repository, digest);
        }
      } catch (ImageException damaged) {
        // The next one may name it as well.
      }
    }
    return OptionalLong.empty();
  }

  private Optional<ManifestSummary> summary(Repository repository, Digest digest)
      throws IOException {
    Optional<ManifestRecord> record = repository.manifest(digest);
    if (record.isEmpty()) {
      return Optional.empty();
    }
    byte[] bytes = content.read(digest, Math.toIntExact(record.get().sizeBytes()));
    return Optional.of(
        ManifestSummary.parse("manifest " + digest, bytes, record.get().mediaType()));
  }

  private OptionalLong remembered(Repository repository, Digest digest) {
    synchronized (sizes) {
      Long size = sizes.get(new Key(repository.name(), digest));
      return size == null ? OptionalLong.empty() : OptionalLong.of(size);
    }
  }
}
