package io.gantry.image.manifest;

import io.gantry.image.reference.Digest;
import java.util.Objects;
import java.util.Optional;

/**
 * A pointer to content: what it is, its name and its exact size in bytes (OCI image specification,
 * descriptor.md).
 *
 * @param platform what an index says its entry is for
 */
public record Descriptor(
    String mediaType, Digest digest, long sizeBytes, Optional<Platform> platform) {

  public Descriptor {
    Objects.requireNonNull(mediaType);
    Objects.requireNonNull(digest);
    Objects.requireNonNull(platform);
    if (sizeBytes < 0) {
      throw new IllegalArgumentException(digest + " cannot have a size of " + sizeBytes + " bytes");
    }
  }
}
