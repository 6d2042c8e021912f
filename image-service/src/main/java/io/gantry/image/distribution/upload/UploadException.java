package io.gantry.image.distribution.upload;

import java.io.IOException;

/** An upload that did not go on for a reason that its client can know. */
public final class UploadException extends IOException {

  /** What is wrong. */
  public enum Kind {
    /** The chunk does not begin where the bytes received so far end. */
    OUT_OF_ORDER,
    /** The content is not what its digest says; the upload is gone. */
    WRONG_DIGEST,
    /** There is more than may be; the upload is gone. */
    TOO_LARGE,
    /** There are so many uploads that no other may begin. */
    TOO_MANY,
    /** The upload has ended, or another request has taken it over. */
    GONE
  }

  private final Kind kind;

  UploadException(Kind kind, String message) {
    super(message);
    this.kind = kind;
  }

  public Kind kind() {
    return kind;
  }
}
