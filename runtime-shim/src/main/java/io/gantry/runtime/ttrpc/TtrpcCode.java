package io.gantry.runtime.ttrpc;

/**
 * Why a call failed: the gRPC status codes, which ttrpc shares.
 *
 * <p>Spec: https://grpc.io/docs/guides/status-codes/
 */
public enum TtrpcCode {
  OK(0),
  CANCELLED(1),
  UNKNOWN(2),
  INVALID_ARGUMENT(3),
  DEADLINE_EXCEEDED(4),
  NOT_FOUND(5),
  ALREADY_EXISTS(6),
  PERMISSION_DENIED(7),
  RESOURCE_EXHAUSTED(8),
  FAILED_PRECONDITION(9),
  ABORTED(10),
  OUT_OF_RANGE(11),
  UNIMPLEMENTED(12),
  INTERNAL(13),
  UNAVAILABLE(14),
  DATA_LOSS(15),
  UNAUTHENTICATED(16);

  private static final TtrpcCode[] BY_NUMBER = values();

  private final int number;

  TtrpcCode(int number) {
    this.number = number;
  }

  /** The number on the wire. */
  public int number() {
    return number;
  }

  /**
   * The code of a number from the wire; numbers that gRPC does not know become {@link #UNKNOWN}.
   */
  public static TtrpcCode of(int number) {
    return number >= 0 && number < BY_NUMBER.length ? BY_NUMBER[number] : UNKNOWN;
  }
}
