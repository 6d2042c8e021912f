package io.gantry.cri.grpc;

import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeoutException;

/** The one place where a failure becomes a gRPC status. */
final class StatusMapping {
  private StatusMapping() {}

  /** What the caller learns; its words fit what callers take. */
  static Status of(Throwable failure) {
    Status status = categorized(failure);
    if (status.getCode() == Status.Code.INTERNAL && FullDisk.isCauseOf(failure)) {
      // Nothing is wrong with gantry or the request; the same may succeed when there is room.
      status =
          Status.RESOURCE_EXHAUSTED
              .withDescription(status.getDescription())
              .withCause(status.getCause());
    }
    String words = status.getDescription();
    return words == null ? status : status.withDescription(Words.fit(words));
  }

  private static Status categorized(Throwable failure) {
    if (failure instanceof CriException cri) {
      return cri.failure().code().toStatus().withDescription(cri.getMessage()).withCause(cri);
    }
    if (failure instanceof StatusRuntimeException status) {
      return status.getStatus();
    }
    if (failure instanceof StatusException status) {
      return status.getStatus();
    }
    if (failure instanceof TtrpcException shim) {
      return code(shim.code()).toStatus().withDescription(words(shim)).withCause(shim);
    }
    if (failure instanceof IllegalArgumentException) {
      // Values that check themselves, made from what the caller sent.
      return Status.INVALID_ARGUMENT.withDescription(words(failure)).withCause(failure);
    }
    if (failure instanceof TimeoutException) {
      return Status.DEADLINE_EXCEEDED.withDescription(words(failure)).withCause(failure);
    }
    if (failure instanceof InterruptedException) {
      return Status.UNAVAILABLE
          .withDescription("interrupted: gantryd is stopping")
          .withCause(failure);
    }
    return Status.INTERNAL.withDescription(words(failure)).withCause(failure);
  }

  /** A shim's verdict on what the caller asked for is the caller's to know. */
  private static Status.Code code(TtrpcCode shim) {
    return switch (shim) {
      case INVALID_ARGUMENT, OUT_OF_RANGE -> Status.Code.INVALID_ARGUMENT;
      // A container without that program, or that has ended: the object is there for the caller.
      case FAILED_PRECONDITION, NOT_FOUND, PERMISSION_DENIED -> Status.Code.FAILED_PRECONDITION;
      case UNIMPLEMENTED -> Status.Code.UNIMPLEMENTED;
      case DEADLINE_EXCEEDED -> Status.Code.DEADLINE_EXCEEDED;
      case RESOURCE_EXHAUSTED -> Status.Code.RESOURCE_EXHAUSTED;
      case UNAVAILABLE -> Status.Code.UNAVAILABLE;
      case OK, CANCELLED, UNKNOWN, ALREADY_EXISTS, ABORTED, INTERNAL, DATA_LOSS, UNAUTHENTICATED ->
          Status.Code.INTERNAL;
    };
  }

  /**
   * An exception without a message of its own (a NullPointerException, say) is named by its type.
   */
  private static String words(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.toString() : message;
  }
}
