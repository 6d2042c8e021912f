package io.gantry.image.push;

import io.gantry.image.graph.Document;
import io.gantry.image.manifest.Descriptor;
import java.util.List;

/**
 * What is to be sent.
 *
 * @param documents manifests and indexes, each after those that it points to; the last gets the tag
 * @param blobs configurations and layers, each once
 */
public record PushPlan(List<Document> documents, List<Descriptor> blobs) {
  public PushPlan {
    documents = List.copyOf(documents);
    blobs = List.copyOf(blobs);
    if (documents.isEmpty()) {
      throw new IllegalArgumentException("nothing is to be pushed");
    }
  }

  /** What the tag will stand for. */
  public Document top() {
    return documents.get(documents.size() - 1);
  }
}
