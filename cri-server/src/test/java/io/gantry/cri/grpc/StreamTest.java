package io.gantry.cri.grpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.cri.operation.Operations;
import io.gantry.proto.cri.v1.ContainerEventResponse;
import io.gantry.proto.cri.v1.GetEventsRequest;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StreamTest {
  private final Operations operations = new Operations();
  private Server server;
  private ManagedChannel channel;

  private void serve(StreamHandler<GetEventsRequest, ContainerEventResponse> handler)
      throws IOException {
    String name = InProcessServerBuilder.generateName();
    RpcService service =
        RpcService.of(RuntimeServiceGrpc.getServiceDescriptor(), operations).stream(
            RuntimeServiceGrpc.getGetContainerEventsMethod(), handler);
    server = InProcessServerBuilder.forName(name).addService(service.build()).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  private List<String> read() {
    List<String> ids = new ArrayList<>();
    RuntimeServiceGrpc.newBlockingStub(channel)
        .getContainerEvents(GetEventsRequest.getDefaultInstance())
        .forEachRemaining(event -> ids.add(event.getContainerId()));
    return ids;
  }

  private static ContainerEventResponse event(int number) {
    return ContainerEventResponse.newBuilder().setContainerId("c" + number).build();
  }

  @Test
  void stream_bringsEachAnswerInOrderAndEnds() throws IOException {
    serve(
        (request, answers) -> {
          for (int i = 1; i <= 3; i++) {
            answers.send(event(i));
          }
        });
    assertEquals(List.of("c1", "c2", "c3"), read());
  }

  @Test
  void stream_ofNothingJustEnds() throws IOException {
    serve((request, answers) -> {});
    assertEquals(List.of(), read());
  }

  @Test
  void failure_keepsItsCategoryAndWords() throws IOException {
    serve(
        (request, answers) -> {
          answers.send(event(1));
          throw new CriException(Failure.EXHAUSTED, "too slow");
        });
    var e = assertThrows(StatusRuntimeException.class, this::read);
    assertEquals(Status.Code.RESOURCE_EXHAUSTED, e.getStatus().getCode());
    assertEquals("too slow", e.getStatus().getDescription());
  }

  @Test
  void slowCaller_holdsTheHandlerBack() throws Exception {
    AtomicInteger sent = new AtomicInteger();
    CompletableFuture<Thread> handler = new CompletableFuture<>();
    serve(
        (request, answers) -> {
          handler.complete(Thread.currentThread());
          while (true) {
            answers.send(event(sent.incrementAndGet()));
          }
        });
    ClientCall<GetEventsRequest, ContainerEventResponse> call = call(new Reader());
    call.request(1);
    awaitState(handler.get(), Thread.State.WAITING);
    int first = sent.get();
    assertTrue(first <= 2, "sent " + first + " to a caller that took one");
    call.request(1);
    while (sent.get() == first) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    call.cancel("enough", null);
  }

  @Test
  void callerThatGoesAway_interruptsTheHandler() throws Exception {
    CompletableFuture<Thread> waits = new CompletableFuture<>();
    CompletableFuture<String> ended = new CompletableFuture<>();
    serve(
        (request, answers) -> {
          waits.complete(Thread.currentThread());
          try {
            new CompletableFuture<>().get();
          } catch (InterruptedException e) {
            ended.complete("interrupted");
            throw e;
          }
        });
    ClientCall<GetEventsRequest, ContainerEventResponse> call = call(new Reader());
    waits.get();
    call.cancel("gone", null);
    assertEquals("interrupted", ended.get());
    waits.get().join();
    assertEquals(List.of(), operations.inFlight());
  }

  @Test
  void headers_goBothWaysBeforeTheFirstMessage() throws Exception {
    serve(
        (request, answers) -> {
          answers.open("begin", answers.header("after").orElseThrow() + "!");
          answers.trailer("last", "9");
        });
    Reader reader = new Reader();
    Metadata headers = new Metadata();
    headers.put(key("after"), "7");
    call(reader, headers);
    assertEquals("7!", reader.headers.get().get(key("begin")));
    assertEquals("9", reader.trailers.get().get(key("last")));
  }

  private ClientCall<GetEventsRequest, ContainerEventResponse> call(Reader reader) {
    return call(reader, new Metadata());
  }

  private ClientCall<GetEventsRequest, ContainerEventResponse> call(
      Reader reader, Metadata headers) {
    var call =
        channel.newCall(RuntimeServiceGrpc.getGetContainerEventsMethod(), CallOptions.DEFAULT);
    call.start(reader, headers);
    call.sendMessage(GetEventsRequest.getDefaultInstance());
    call.halfClose();
    return call;
  }

  /** Takes what it is given and asks for nothing. */
  private static final class Reader extends ClientCall.Listener<ContainerEventResponse> {
    final CompletableFuture<Metadata> headers = new CompletableFuture<>();
    final CompletableFuture<Metadata> trailers = new CompletableFuture<>();

    @Override
    public void onHeaders(Metadata received) {
      headers.complete(received);
    }

    @Override
    public void onClose(Status status, Metadata received) {
      trailers.complete(received);
    }
  }

  private static Metadata.Key<String> key(String name) {
    return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
  }

  private static void awaitState(Thread thread, Thread.State state) {
    while (thread.getState() != state) {
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
  }
}
