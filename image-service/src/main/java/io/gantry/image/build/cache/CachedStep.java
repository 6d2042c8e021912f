package io.gantry.image.build.cache;

import io.gantry.image.reference.Digest;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;

/**
 * One step that was carried out.
 *
 * @param key the digest of all that went into it
 * @param parent the state of the image that it was carried out on
 * @param description for people
 * @param layer absent for a step that changed no files
 * @param uses how often it was used again
 */
public record CachedStep(
    Digest key,
    Digest parent,
    String description,
    Optional<CachedLayer> layer,
    Instant created,
    Instant lastUsed,
    int uses) {
  public CachedStep {
    Objects.requireNonNull(key);
    Objects.requireNonNull(parent);
    Objects.requireNonNull(description);
    Objects.requireNonNull(layer);
    Objects.requireNonNull(created);
    Objects.requireNonNull(lastUsed);
  }

  CachedStep usedAt(Instant now) {
    return new CachedStep(key, parent, description, layer, created, now, uses + 1);
  }
}
