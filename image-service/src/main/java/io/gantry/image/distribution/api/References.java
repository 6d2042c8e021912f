package io.gantry.image.distribution.api;

import io.gantry.image.distribution.repository.Tag;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;

/** Reads what clients name content by. */
final class References {

  private References() {}

  static Digest digest(String text) throws ApiFailure {
    try {
      return Digest.parse(text);
    } catch (InvalidReferenceException e) {
      throw new ApiFailure(ErrorCode.DIGEST_INVALID, e.getMessage());
    }
  }

  static Tag tag(String text) throws ApiFailure {
    try {
      return Tag.parse(text);
    } catch (InvalidReferenceException e) {
      throw new ApiFailure(ErrorCode.TAG_INVALID, e.getMessage());
    }
  }

  /** No tag has a colon, and every digest does. */
  static boolean isDigest(String reference) {
    return reference.indexOf(':') >= 0;
  }
}
