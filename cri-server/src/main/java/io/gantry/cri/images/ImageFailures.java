package io.gantry.cri.images;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.image.failure.ImageException;

/** What callers of the extension API learn of the image service's failures. */
final class ImageFailures {

  private ImageFailures() {}

  /**
   * @param act what was asked, such as {@code push image}
   */
  static CriException translated(String act, ImageException failure) {
    Failure category =
        switch (failure.kind()) {
          case INVALID_REFERENCE -> Failure.INVALID_REQUEST;
          case NOT_FOUND -> Failure.NOT_FOUND;
          case UNAUTHORIZED -> Failure.UNAUTHENTICATED;
          case UNAVAILABLE, CANCELLED -> Failure.UNAVAILABLE;
          case UNTRUSTED -> Failure.FORBIDDEN;
          case CORRUPT, STORAGE -> Failure.INTERNAL;
          case UNSUPPORTED -> Failure.WRONG_STATE;
        };
    return new CriException(category, act + ": " + failure.getMessage(), failure);
  }

  /** As {@link #translated}, where what is malformed came with the request. */
  static CriException ofGiven(String act, ImageException failure) {
    return failure.kind() == ImageException.Kind.CORRUPT
            || failure.kind() == ImageException.Kind.UNSUPPORTED
        ? new CriException(Failure.INVALID_REQUEST, act + ": " + failure.getMessage(), failure)
        : translated(act, failure);
  }
}
