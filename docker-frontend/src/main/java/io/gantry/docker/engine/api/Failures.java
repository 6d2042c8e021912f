package io.gantry.docker.engine.api;

import com.fasterxml.jackson.core.JacksonException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;

/** What a client of the Engine API is told of a failure. */
public final class Failures {
  private Failures() {}

  /** The same failure with an HTTP status. */
  public static EngineException of(Throwable failure) {
    if (failure instanceof EngineException told) {
      return told;
    }
    if (failure instanceof StatusRuntimeException grpc) {
      return of(grpc.getStatus());
    }
    if (failure instanceof JacksonException json) {
      return EngineException.badRequest("invalid JSON: " + json.getOriginalMessage());
    }
    return EngineException.failed(
        failure.getMessage() == null ? failure.toString() : failure.getMessage());
  }

  /** What a gRPC status means here, with its words alone. */
  public static EngineException of(Status status) {
    int http =
        switch (status.getCode()) {
          case INVALID_ARGUMENT, OUT_OF_RANGE -> 400;
          case UNAUTHENTICATED -> 401;
          case PERMISSION_DENIED -> 403;
          case NOT_FOUND -> 404;
          case ALREADY_EXISTS, FAILED_PRECONDITION, ABORTED -> 409;
          case UNIMPLEMENTED -> 501;
          case UNAVAILABLE -> 503;
          default -> 500;
        };
    String words = status.getDescription();
    return new EngineException(http, words == null ? status.getCode().toString() : words);
  }
}
