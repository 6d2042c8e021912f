package io.gantry.runtime.ttrpc;

import java.io.IOException;
import java.util.Objects;

/**
 * A call that failed: by the other side's answer, by its deadline or because the connection was
 * lost.
 */
public final class TtrpcException extends IOException {
  private static final long serialVersionUID = 1L;

  private final TtrpcCode code;

  public TtrpcException(TtrpcCode code, String message) {
    this(code, message, null);
  }

  public TtrpcException(TtrpcCode code, String message, Throwable cause) {
    super(message, cause);
    this.code = Objects.requireNonNull(code, "code");
  }

  /** Never {@link TtrpcCode#OK}. */
  public TtrpcCode code() {
    return code;
  }
}
