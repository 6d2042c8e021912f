package io.gantry.cri.grpc;

import io.grpc.MethodDescriptor;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Collects the handlers of one gRPC service and builds its definition. An RPC without a handler
 * answers UNIMPLEMENTED with its name, so that a service can grow RPC by RPC. Confined to the
 * thread that composes the daemon.
 */
public final class RpcService {
  private final ServiceDescriptor service;
  private final RequestLog requestLog;
  private final Map<String, ServerCallHandler<?, ?>> handlers = new HashMap<>();

  private RpcService(ServiceDescriptor service, RequestLog requestLog) {
    this.service = service;
    this.requestLog = requestLog;
  }

  /** A service with no handlers yet. */
  public static RpcService of(ServiceDescriptor service) {
    return new RpcService(service, new RequestLog());
  }

  /**
   * Answers {@code method} with {@code handler}.
   *
   * @throws IllegalArgumentException if the method belongs to another service, streams, or has a
   *     handler already: mistakes in the composition
   */
  public <Q, R> RpcService handle(MethodDescriptor<Q, R> method, Handler<Q, R> handler) {
    String name = method.getFullMethodName();
    if (!service.getName().equals(method.getServiceName())) {
      throw new IllegalArgumentException(name + " is no RPC of " + service.getName());
    }
    if (method.getType() != MethodDescriptor.MethodType.UNARY) {
      throw new IllegalArgumentException(name + " is not unary");
    }
    ServerCallHandler<Q, R> call =
        ServerCalls.asyncUnaryCall((request, answer) -> serve(name, handler, request, answer));
    if (handlers.putIfAbsent(name, call) != null) {
      throw new IllegalArgumentException(name + " has a handler already");
    }
    return this;
  }

  /** The service as the server takes it: every RPC of the descriptor, built or not. */
  public ServerServiceDefinition build() {
    var definition = ServerServiceDefinition.builder(service);
    for (MethodDescriptor<?, ?> method : service.getMethods()) {
      add(definition, method);
    }
    return definition.build();
  }

  private <Q, R> void add(
      ServerServiceDefinition.Builder definition, MethodDescriptor<Q, R> method) {
    // handle() put it there under this method's name with this method's types.
    @SuppressWarnings("unchecked")
    var handler = (ServerCallHandler<Q, R>) handlers.get(method.getFullMethodName());
    definition.addMethod(method, handler == null ? notBuilt(method.getFullMethodName()) : handler);
  }

  /** Streams answer as unary calls do: the status ends the call before any message. */
  private <Q, R> ServerCallHandler<Q, R> notBuilt(String name) {
    return ServerCalls.asyncServerStreamingCall(
        (request, answer) -> {
          Status status = Status.UNIMPLEMENTED.withDescription(name + " is not built in gantry");
          requestLog.begin();
          requestLog.failed(name, Duration.ZERO, status);
          requestLog.end();
          answer.onError(status.asRuntimeException());
        });
  }

  private <Q, R> void serve(
      String name, Handler<Q, R> handler, Q request, StreamObserver<R> answer) {
    // Without a handler a caller that has gone away would turn the answer into an exception here.
    ((ServerCallStreamObserver<R>) answer).setOnCancelHandler(() -> {});
    long began = System.nanoTime();
    requestLog.begin();
    try {
      R response;
      try {
        response = handler.handle(request);
      } catch (Exception | LinkageError | StackOverflowError failure) {
        Status status = StatusMapping.of(failure);
        requestLog.failed(name, since(began), status);
        answer.onError(status.asRuntimeException());
        return;
      }
      answer.onNext(response);
      answer.onCompleted();
      requestLog.succeeded(name, since(began));
    } finally {
      requestLog.end();
    }
  }

  private static Duration since(long beganNanos) {
    return Duration.ofNanos(System.nanoTime() - beganNanos);
  }
}
