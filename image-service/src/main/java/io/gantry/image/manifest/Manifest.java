package io.gantry.image.manifest;

import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A document that a registry serves under a tag or digest: either an image, or an index of images.
 */
public sealed interface Manifest {

  /** One image: its configuration, its layers, bottom first, and what is said of it. */
  record Image(Descriptor config, List<Descriptor> layers, Map<String, String> annotations)
      implements Manifest {
    public Image {
      Objects.requireNonNull(config);
      layers = List.copyOf(layers);
      annotations = Map.copyOf(annotations);
    }
  }

  /** Several images or indexes to choose from. */
  record Index(List<Descriptor> entries) implements Manifest {
    public Index {
      entries = List.copyOf(entries);
    }
  }
}
