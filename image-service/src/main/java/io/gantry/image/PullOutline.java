package io.gantry.image;

import io.gantry.image.snapshot.ChainId;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What a pull under way has found out by now. Thread-safe. */
final class PullOutline {

  /**
   * What the image is made of.
   *
   * @param layers bottom first
   * @param before those that were unpacked before the pull began
   */
  record Layers(List<LayerCommits.Layer> layers, Set<ChainId> before) {
    Layers {
      layers = List.copyOf(layers);
      before = Set.copyOf(before);
    }
  }

  private volatile Optional<Layers> layers = Optional.empty();
  private volatile boolean current;

  void reveal(Layers found) {
    layers = Optional.of(found);
  }

  /** The image is here already. */
  void isCurrent() {
    current = true;
  }

  Optional<Layers> layers() {
    return layers;
  }

  boolean wasCurrent() {
    return current;
  }
}
