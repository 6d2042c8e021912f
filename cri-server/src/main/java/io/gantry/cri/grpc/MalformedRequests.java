package io.gantry.cri.grpc;

import io.grpc.ForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;

/**
 * Answers INVALID_ARGUMENT to a request whose bytes are not its message; grpc-java by itself
 * answers UNKNOWN, and tells no reason. Thread-safe.
 */
final class MalformedRequests implements ServerInterceptor {
  private final RequestLog requestLog;

  private MalformedRequests(RequestLog requestLog) {
    this.requestLog = requestLog;
  }

  /** The same service, which refuses malformed requests in words. */
  static ServerServiceDefinition refused(ServerServiceDefinition service, RequestLog requestLog) {
    // As streams of bytes first: then it is the listener that parses, under this one's eyes.
    return ServerInterceptors.intercept(
        ServerInterceptors.useInputStreamMessages(service), new MalformedRequests(requestLog));
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    return new Guard<>(call, next.startCall(call, headers));
  }

  private final class Guard<Q, R> extends ForwardingServerCallListener<Q> {
    private final ServerCall<Q, R> call;
    private final ServerCall.Listener<Q> listener;
    private boolean refused; // a call's callbacks come one after another

    Guard(ServerCall<Q, R> call, ServerCall.Listener<Q> listener) {
      this.call = call;
      this.listener = listener;
    }

    @Override
    protected ServerCall.Listener<Q> delegate() {
      return listener;
    }

    @Override
    public void onMessage(Q message) {
      try {
        listener.onMessage(message);
      } catch (StatusRuntimeException malformed) {
        refused = true;
        String name = call.getMethodDescriptor().getFullMethodName();
        String why =
            malformed.getCause() == null
                ? malformed.getStatus().getDescription()
                : malformed.getCause().getMessage();
        Status status =
            Status.INVALID_ARGUMENT.withDescription(
                "the request for " + name + " is no message of its type: " + why);
        requestLog.failed(name, Duration.ZERO, status);
        call.close(status, new Metadata());
      }
    }

    @Override
    public void onHalfClose() {
      if (!refused) {
        listener.onHalfClose();
      }
    }
  }
}
