package io.gantry.image.distribution.upload;

import java.util.Optional;
import java.util.UUID;

/** The name of an upload: 122 random bits, so that nobody comes upon another's. */
public record UploadId(UUID value) {

  static UploadId random() {
    return new UploadId(UUID.randomUUID());
  }

  /** Nothing if the text is not one, in the form that {@link #toString} gives. */
  public static Optional<UploadId> parse(String text) {
    try {
      UUID value = UUID.fromString(text);
      return value.toString().equals(text) ? Optional.of(new UploadId(value)) : Optional.empty();
    } catch (IllegalArgumentException other) {
      return Optional.empty();
    }
  }

  @Override
  public String toString() {
    return value.toString();
  }
}
