package io.gantry.cri.grpc;

import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import java.util.concurrent.TimeoutException;

/** The one place where a failure becomes a gRPC status. */
final class StatusMapping {
  private StatusMapping() {}

  static Status of(Throwable failure) {
    if (failure instanceof CriException cri) {
      return cri.failure().code().toStatus().withDescription(cri.getMessage()).withCause(cri);
    }
    if (failure instanceof StatusRuntimeException status) {
      return status.getStatus();
    }
    if (failure instanceof StatusException status) {
      return status.getStatus();
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

  /**
   * An exception without a message of its own (a NullPointerException, say) is named by its type.
   */
  private static String words(Throwable failure) {
    String message = failure.getMessage();
    return message == null || message.isBlank() ? failure.toString() : message;
  }
}
