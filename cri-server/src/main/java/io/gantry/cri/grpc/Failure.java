package io.gantry.cri.grpc;

import io.grpc.Status;

/** The categories of failure that a caller of the CRI can tell apart, each with its gRPC code. */
public enum Failure {
  /** The request itself is wrong; asking again unchanged cannot succeed. */
  INVALID_REQUEST(Status.Code.INVALID_ARGUMENT),
  /** The object named by the request does not exist. */
  NOT_FOUND(Status.Code.NOT_FOUND),
  /** Another object holds the name or place asked for. */
  ALREADY_EXISTS(Status.Code.ALREADY_EXISTS),
  /** The object is in a state that does not allow what was asked. */
  WRONG_STATE(Status.Code.FAILED_PRECONDITION),
  /** The work did not finish in the time it was given. */
  TIMED_OUT(Status.Code.DEADLINE_EXCEEDED),
  /** Something needed is away for now; the same request may succeed later. */
  UNAVAILABLE(Status.Code.UNAVAILABLE),
  /** A limit or the machine's capacity is used up. */
  EXHAUSTED(Status.Code.RESOURCE_EXHAUSTED),
  /** What was asked for is past and no longer kept; asking again unchanged cannot succeed. */
  GONE(Status.Code.OUT_OF_RANGE),
  /** Credentials are missing or refused. */
  UNAUTHENTICATED(Status.Code.UNAUTHENTICATED),
  /** What was asked is refused by a policy. */
  FORBIDDEN(Status.Code.PERMISSION_DENIED),
  /** A part of the request asks for what gantry does not do. */
  NOT_BUILT(Status.Code.UNIMPLEMENTED),
  /** The work failed, and none of the other categories fits. */
  INTERNAL(Status.Code.INTERNAL);

  private final Status.Code code;

  Failure(Status.Code code) {
    this.code = code;
  }

  /** The gRPC code that callers see. */
  public Status.Code code() {
    return code;
  }
}
