package io.gantry.image;

import io.gantry.image.manifest.Descriptor;
import io.gantry.image.reference.Digest;
import io.gantry.image.snapshot.ChainId;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * All that is known of one image.
 *
 * @param target what its names stand for
 * @param manifest its own, byte for byte
 * @param layers bottom first
 */
public record ImageDetails(
    ImageRecord image, Descriptor target, byte[] manifest, List<Layer> layers) {

  /**
   * One layer.
   *
   * @param blob as registries have it
   * @param unpackedBytes what it takes on disk, if it is unpacked
   */
  public record Layer(Descriptor blob, Digest diffId, ChainId chain, Optional<Long> unpackedBytes) {
    public Layer {
      Objects.requireNonNull(blob);
      Objects.requireNonNull(diffId);
      Objects.requireNonNull(chain);
      Objects.requireNonNull(unpackedBytes);
    }
  }

  public ImageDetails {
    Objects.requireNonNull(image);
    Objects.requireNonNull(target);
    Objects.requireNonNull(manifest);
    layers = List.copyOf(layers);
  }

  /** What its layers take unpacked. */
  public long unpackedBytes() {
    return layers.stream().mapToLong(layer -> layer.unpackedBytes().orElse(0L)).sum();
  }
}
