package io.gantry.image.graph;

import io.gantry.image.manifest.Descriptor;
import io.gantry.image.reference.Digest;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * All that a document leads to.
 *
 * @param documents manifests and indexes that are here, each after those that it points to
 * @param blobs configurations and layers that are here, each once
 * @param missing manifests and blobs that are not
 */
public record Reach(List<Document> documents, List<Descriptor> blobs, List<Descriptor> missing) {
  public Reach {
    documents = List.copyOf(documents);
    blobs = List.copyOf(blobs);
    missing = List.copyOf(missing);
  }

  /** Whether everything is here. */
  public boolean isComplete() {
    return missing.isEmpty();
  }

  /** The digests of all that is here, the top document first. */
  public List<Digest> here() {
    Set<Digest> all = new LinkedHashSet<>();
    for (int i = documents.size() - 1; i >= 0; i--) {
      all.add(documents.get(i).descriptor().digest());
    }
    blobs.forEach(blob -> all.add(blob.digest()));
    return List.copyOf(all);
  }

  /** The bytes of all that is here. */
  public long sizeBytes() {
    return documents.stream().mapToLong(document -> document.bytes().length).sum()
        + blobs.stream().mapToLong(Descriptor::sizeBytes).sum();
  }
}
