package io.gantry.image.build.cache;

import io.gantry.image.reference.Digest;
import io.gantry.image.snapshot.ChainId;
import java.util.Objects;

/**
 * A layer as an image has it.
 *
 * @param blob its archive, compressed
 * @param sizeBytes of the blob
 * @param diffId of the archive
 * @param chain with all below it
 */
public record CachedLayer(
    Digest blob, long sizeBytes, String mediaType, Digest diffId, ChainId chain) {
  public CachedLayer {
    Objects.requireNonNull(blob);
    Objects.requireNonNull(mediaType);
    Objects.requireNonNull(diffId);
    Objects.requireNonNull(chain);
  }
}
