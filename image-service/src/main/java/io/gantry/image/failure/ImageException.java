package io.gantry.image.failure;

import java.io.IOException;

/**
 * A failure of the image service. The message says what was asked, which part failed and why; the
 * kind is for code to act on.
 */
public final class ImageException extends IOException {

  /** What sort of failure it is; each maps to one gRPC code. */
  public enum Kind {
    /** The name given is not an image reference. */
    INVALID_REFERENCE,
    /** The registry, or the local store, has no such image. */
    NOT_FOUND,
    /** The registry refused the credentials, or asked for some. */
    UNAUTHORIZED,
    /** No registry could be reached, or all failed on their side; trying again later may help. */
    UNAVAILABLE,
    /**
     * What arrived is not what was named: wrong digest, wrong size, a malformed document or layer.
     */
    CORRUPT,
    /**
     * The image is well-formed but of a sort that gantry does not run: schema 1, foreign layers, no
     * matching platform.
     */
    UNSUPPORTED,
    /** The node's policy for signatures does not let it in. */
    UNTRUSTED,
    /** The local store failed, for example because the disk is full. */
    STORAGE,
    /** Everyone who asked for the work has gone away. */
    CANCELLED
  }

  private final Kind kind;

  public ImageException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public ImageException(Kind kind, String message, Throwable cause) {
    super(message, cause);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
