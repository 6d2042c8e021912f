package io.gantry.cri.grpc;

import com.google.protobuf.MessageLite;
import io.gantry.cri.operation.Operation;
import io.gantry.cri.operation.Operations;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
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
import java.util.concurrent.atomic.AtomicLong;

/**
 * Collects the handlers of one gRPC service and builds its definition. An RPC without a handler
 * answers UNIMPLEMENTED with its name, so that a service can grow RPC by RPC. Confined to the
 * thread that composes the daemon.
 */
public final class RpcService {
  private final ServiceDescriptor service;
  private final Operations operations;
  private final RequestLog requestLog = new RequestLog();
  private final Map<String, ServerCallHandler<?, ?>> handlers = new HashMap<>();
  private final AtomicLong streams = new AtomicLong();

  private RpcService(ServiceDescriptor service, Operations operations) {
    this.service = service;
    this.operations = operations;
  }

  /**
   * A service with no handlers yet.
   *
   * @param operations is told of every request that is being served
   */
  public static RpcService of(ServiceDescriptor service, Operations operations) {
    return new RpcService(service, operations);
  }

  /**
   * Answers {@code method} with {@code handler}.
   *
   * @throws IllegalArgumentException if the method belongs to another service, streams, or has a
   *     handler already: mistakes in the composition
   */
  public <Q, R> RpcService handle(MethodDescriptor<Q, R> method, Handler<Q, R> handler) {
    String name = method.getFullMethodName();
    return add(
        method,
        MethodDescriptor.MethodType.UNARY,
        ServerCalls.asyncUnaryCall((request, answer) -> serve(name, handler, request, answer)));
  }

  /**
   * Answers {@code method}, which streams to its caller, with {@code handler}.
   *
   * @throws IllegalArgumentException as {@link #handle}, if the method does not stream so
   */
  public <Q, R> RpcService stream(MethodDescriptor<Q, R> method, StreamHandler<Q, R> handler) {
    String name = method.getFullMethodName();
    return add(
        method,
        MethodDescriptor.MethodType.SERVER_STREAMING,
        (call, headers) ->
            new StreamCall<>(
                call,
                headers,
                (request, answers) ->
                    // The callbacks of a call come one after another: a handler that ran in one
                    // would never hear that the caller takes more, or is gone.
                    begin(
                        () ->
                            serve(
                                name,
                                (MessageLite) request,
                                () -> handler.handle(request, answers),
                                answers))));
  }

  /**
   * Answers {@code method}, whose caller streams, with {@code handler}.
   *
   * @throws IllegalArgumentException as {@link #handle}, if its caller does not stream
   */
  public <Q, R> RpcService converse(
      MethodDescriptor<Q, R> method, ConversationHandler<Q, R> handler) {
    String name = method.getFullMethodName();
    // What such a request is about comes in its messages; an empty one stands for it.
    MessageLite empty =
        (MessageLite)
            ((MethodDescriptor.PrototypeMarshaller<Q>) method.getRequestMarshaller())
                .getMessagePrototype();
    MethodDescriptor.MethodType type =
        method.getType() == MethodDescriptor.MethodType.CLIENT_STREAMING
            ? MethodDescriptor.MethodType.CLIENT_STREAMING
            : MethodDescriptor.MethodType.BIDI_STREAMING;
    return add(
        method,
        type,
        (call, headers) -> {
          Conversation<Q, R> conversation = new Conversation<>(call, headers);
          begin(
              () ->
                  serve(
                      name,
                      empty,
                      () -> handler.handle(conversation, conversation.answers()),
                      conversation.answers()));
          return conversation;
        });
  }

  private void begin(Runnable work) {
    Thread thread = new Thread(Context.current().wrap(work), "stream-" + streams.incrementAndGet());
    thread.setDaemon(true);
    thread.start();
  }

  private <Q, R> RpcService add(
      MethodDescriptor<Q, R> method,
      MethodDescriptor.MethodType type,
      ServerCallHandler<Q, R> call) {
    String name = method.getFullMethodName();
    if (!service.getName().equals(method.getServiceName())) {
      throw new IllegalArgumentException(name + " is no RPC of " + service.getName());
    }
    if (method.getType() != type) {
      throw new IllegalArgumentException(name + " is not " + type);
    }
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
    return MalformedRequests.refused(definition.build(), requestLog);
  }

  private <Q, R> void add(
      ServerServiceDefinition.Builder definition, MethodDescriptor<Q, R> method) {
    // handle() put it there under this method's name with this method's types.
    @SuppressWarnings("unchecked")
    var handler = (ServerCallHandler<Q, R>) handlers.get(method.getFullMethodName());
    definition.addMethod(method, handler == null ? notBuilt(method) : handler);
  }

  /** Streams answer as unary calls do: the status ends the call before any message. */
  private <Q, R> ServerCallHandler<Q, R> notBuilt(MethodDescriptor<Q, R> method) {
    String name = method.getFullMethodName();
    Status status = Status.UNIMPLEMENTED.withDescription(name + " is not built in gantry");
    if (!method.getType().clientSendsOneMessage()) {
      return (call, headers) -> {
        requestLog.failed(name, Duration.ZERO, status);
        call.close(status, new Metadata());
        return new ServerCall.Listener<>() {};
      };
    }
    return ServerCalls.asyncServerStreamingCall(
        (request, answer) -> {
          requestLog.failed(name, Duration.ZERO, status);
          answer.onError(status.asRuntimeException());
        });
  }

  private <Q, R> void serve(
      String name, Handler<Q, R> handler, Q request, StreamObserver<R> answer) {
    // Without a handler a caller that has gone away would turn the answer into an exception here.
    ((ServerCallStreamObserver<R>) answer).setOnCancelHandler(() -> {});
    Operation operation = begin(name, request);
    try (operation) {
      R response;
      try {
        response = operation.context().call(() -> handler.handle(request));
      } catch (Exception | LinkageError | StackOverflowError failure) {
        Status status = StatusMapping.of(failure);
        requestLog.failed(name, operation.age(), status);
        answer.onError(status.asRuntimeException());
        return;
      }
      answer.onNext(response);
      answer.onCompleted();
      requestLog.succeeded(name, operation.age());
    } finally {
      requestLog.end();
    }
  }

  /** A stream's handler, with what it was asked. */
  private interface Streaming {
    void run() throws Exception;
  }

  private <Q, R> void serve(
      String name, MessageLite request, Streaming handler, CallAnswers<Q, R> answers) {
    Operation operation = begin(name, request);
    try (operation) {
      Status status = stream(operation, handler, answers);
      if (status.isOk()) {
        requestLog.streamed(name, operation.age(), answers.sent());
      } else {
        requestLog.failed(name, operation.age(), status);
      }
      answers.close(status);
    } finally {
      requestLog.end();
    }
  }

  private static <Q, R> Status stream(
      Operation operation, Streaming handler, CallAnswers<Q, R> answers) {
    try {
      answers.enter();
      operation
          .context()
          .call(
              () -> {
                handler.run();
                return answers;
              });
      return Status.OK;
    } catch (Exception | LinkageError | StackOverflowError failure) {
      return answers.isCancelled()
          ? Status.CANCELLED.withDescription("the caller is gone")
          : StatusMapping.of(failure);
    }
  }

  private Operation begin(String name, Object request) {
    Operation operation = operations.begin(name, (MessageLite) request);
    requestLog.begin(operation.number());
    return operation;
  }
}
