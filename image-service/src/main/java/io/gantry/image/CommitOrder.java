package io.gantry.image;

import java.util.Objects;
import java.util.Optional;

/**
 * An image to be made of a writable file system.
 *
 * @param key of the file system
 * @param base the image that it stands on, if on one; its content must be kept meanwhile
 * @param reference the name to give it; empty for none
 * @param config the document's {@code config} as JSON, in the place of the base's
 * @param createdBy what made the layer, for the history
 */
public record CommitOrder(
    String key,
    Optional<ImageRecord> base,
    String reference,
    Optional<String> config,
    String author,
    String comment,
    String createdBy) {
  public CommitOrder {
    Objects.requireNonNull(key);
    Objects.requireNonNull(base);
    Objects.requireNonNull(reference);
    Objects.requireNonNull(config);
    Objects.requireNonNull(author);
    Objects.requireNonNull(comment);
    Objects.requireNonNull(createdBy);
  }
}
