package io.gantry.image.graph;

import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.ManifestSummary;
import java.util.Objects;

/**
 * A manifest or index that is here.
 *
 * @param descriptor with the media type that it has
 */
public record Document(Descriptor descriptor, byte[] bytes, ManifestSummary summary) {
  public Document {
    Objects.requireNonNull(descriptor);
    Objects.requireNonNull(bytes);
    Objects.requireNonNull(summary);
  }
}
