package io.gantry.cri.grpc;

import java.util.Objects;

/**
 * A failure with a category that the caller of an RPC should learn. The message says what was
 * asked, what failed and why, in words for an operator; it reaches the caller unchanged and must
 * hold no secret.
 */
public final class CriException extends RuntimeException {
  private static final long serialVersionUID = 1;

  private final Failure failure;

  public CriException(Failure failure, String message, Throwable cause) {
    super(Objects.requireNonNull(message), cause);
    this.failure = Objects.requireNonNull(failure);
  }

  public CriException(Failure failure, String message) {
    this(failure, message, null);
  }

  public Failure failure() {
    return failure;
  }

  public static CriException invalid(String message) {
    return new CriException(Failure.INVALID_REQUEST, message);
  }

  public static CriException notFound(String message) {
    return new CriException(Failure.NOT_FOUND, message);
  }

  public static CriException wrongState(String message) {
    return new CriException(Failure.WRONG_STATE, message);
  }
}
