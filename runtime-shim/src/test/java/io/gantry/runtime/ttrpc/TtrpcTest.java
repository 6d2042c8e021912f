package io.gantry.runtime.ttrpc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.gantry.proto.ttrpc.KeyValue;
import io.gantry.proto.ttrpc.Request;
import io.gantry.proto.ttrpc.Response;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Client and server against each other, and each against bytes made by hand, over a real socket.
 */
@Timeout(20)
class TtrpcTest {
  private static final int LIMIT_BYTES = 1 << 16;

  @TempDir Path directory;
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final ScheduledThreadPoolExecutor timers = new ScheduledThreadPoolExecutor(1);
  private final CompletableFuture<ServerCall> kept = new CompletableFuture<>();
  private final CountDownLatch aborted = new CountDownLatch(1);
  private TtrpcServer server;
  private Path socket;

  @BeforeEach
  void serve() throws Exception {
    timers.setRemoveOnCancelPolicy(true);
    socket = directory.resolve("s");
    TtrpcService.Method keep =
        call -> {
          call.whenAborted(aborted::countDown);
          kept.complete(call);
        };
    TtrpcService service =
        new TtrpcService(
            "test.Echo",
            Map.of(
                "Echo", call -> call.reply(call.argument(KeyValue.parser())),
                "Meta", call -> call.reply(pair("", call.metadata("a-key").orElse("none"))),
                "Keep", keep,
                "Fail", call -> call.fail(new TtrpcException(TtrpcCode.NOT_FOUND, "no such thing")),
                "Throw",
                    call -> {
                      throw new IllegalStateException("broken");
                    },
                "Count", TtrpcTest::count,
                "Huge", call -> call.reply(pair("", "x".repeat(Frame.MAX_PAYLOAD_BYTES))),
                "Join", TtrpcTest::join,
                "Chat", TtrpcTest::chat));
    server = new TtrpcServer(List.of(service), executor, timers, LIMIT_BYTES, count -> {});
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    executor.execute(
        () -> {
          try {
            server.serve(listener);
          } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  @AfterEach
  void end() throws Exception {
    server.close();
    executor.shutdownNow();
    timers.shutdownNow();
    assertTrue(executor.awaitTermination(10, TimeUnit.SECONDS), "threads of the server end");
  }

  private static void count(ServerCall call) throws Exception {
    int to = Integer.parseInt(call.argument(KeyValue.parser()).getValue());
    for (int i = 0; i < to; i++) {
      call.send(pair("n", Integer.toString(i)));
    }
    call.finish();
  }

  private static void join(ServerCall call) throws Exception {
    StringBuilder all = new StringBuilder();
    for (Optional<KeyValue> next = call.receive(KeyValue.parser());
        next.isPresent();
        next = call.receive(KeyValue.parser())) {
      all.append(next.get().getValue());
    }
    call.reply(pair("", all.toString()));
  }

  private static void chat(ServerCall call) throws Exception {
    for (Optional<KeyValue> next = call.receive(KeyValue.parser());
        next.isPresent();
        next = call.receive(KeyValue.parser())) {
      call.send(pair("", next.get().getValue().toUpperCase(java.util.Locale.ROOT)));
    }
    call.finish();
  }

  private static KeyValue pair(String key, String value) {
    return KeyValue.newBuilder().setKey(key).setValue(value).build();
  }

  private static CompletableFuture<KeyValue> call(TtrpcClient client, String method, String value) {
    return call(client, method, value, CallOptions.NONE);
  }

  private static CompletableFuture<KeyValue> call(
      TtrpcClient client, String method, String value, CallOptions options) {
    return client.call("test.Echo", method, pair("", value), KeyValue.parser(), options);
  }

  private static TtrpcException failureOf(CompletableFuture<?> call) {
    ExecutionException thrown = assertThrows(ExecutionException.class, call::get);
    return (TtrpcException) thrown.getCause();
  }

  @Test
  void call_isAnswered() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      assertEquals("hello", call(client, "Echo", "hello").get().getValue());
    }
  }

  @Test
  void call_carriesMetadata() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      CallOptions options = new CallOptions(Optional.empty(), Map.of("a-key", "a-value"));
      assertEquals("a-value", call(client, "Meta", "", options).get().getValue());
    }
  }

  @Test
  void call_thatWaitsHoldsNoOtherUp() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      CompletableFuture<KeyValue> slow = call(client, "Keep", "");
      for (int i = 0; i < 100; i++) {
        assertEquals("x" + i, call(client, "Echo", "x" + i).get().getValue());
      }
      assertFalse(slow.isDone());
      kept.get().reply(pair("", "late"));
      assertEquals("late", slow.get().getValue());
    }
  }

  @Test
  void calls_runInParallelFromManyThreads() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      List<CompletableFuture<Void>> threads = new ArrayList<>();
      for (int t = 0; t < 8; t++) {
        String prefix = "t" + t + "-";
        threads.add(
            CompletableFuture.runAsync(
                () -> {
                  for (int i = 0; i < 200; i++) {
                    assertEquals(prefix + i, call(client, "Echo", prefix + i).join().getValue());
                  }
                },
                executor));
      }
      CompletableFuture.allOf(threads.toArray(new CompletableFuture<?>[0])).get();
    }
  }

  @Test
  void call_failsWithTheHandlersCodeAndWords() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      TtrpcException failure = failureOf(call(client, "Fail", ""));
      assertEquals(TtrpcCode.NOT_FOUND, failure.code());
      assertEquals("no such thing", failure.getMessage());
      assertEquals(TtrpcCode.UNKNOWN, failureOf(call(client, "Throw", "")).code());
    }
  }

  @Test
  void call_ofUnknownMethodOrServiceIsUnimplemented() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      assertEquals(TtrpcCode.UNIMPLEMENTED, failureOf(call(client, "Nothing", "")).code());
      CompletableFuture<KeyValue> other =
          client.call("test.None", "Echo", pair("", ""), KeyValue.parser(), CallOptions.NONE);
      assertEquals(TtrpcCode.UNIMPLEMENTED, failureOf(other).code());
    }
  }

  @Test
  void request_overTheServersLimitFailsItsCallOnly() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      CompletableFuture<KeyValue> large = call(client, "Echo", "x".repeat(LIMIT_BYTES));
      assertEquals(TtrpcCode.RESOURCE_EXHAUSTED, failureOf(large).code());
      CompletableFuture<KeyValue> larger = call(client, "Echo", "x".repeat(5 << 20));
      assertEquals(TtrpcCode.RESOURCE_EXHAUSTED, failureOf(larger).code());
      assertEquals("ok", call(client, "Echo", "ok").get().getValue());
    }
  }

  @Test
  void answer_overTheProtocolsLimitBecomesAFailure() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      assertEquals(TtrpcCode.RESOURCE_EXHAUSTED, failureOf(call(client, "Huge", "")).code());
      assertEquals("ok", call(client, "Echo", "ok").get().getValue());
    }
  }

  @Test
  void timeout_failsTheCallAndTellsTheServer() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      CompletableFuture<KeyValue> slow =
          call(client, "Keep", "", CallOptions.within(Duration.ofMillis(50)));
      assertEquals(TtrpcCode.DEADLINE_EXCEEDED, failureOf(slow).code());
      assertTrue(aborted.await(10, TimeUnit.SECONDS), "the handler is told");
      assertEquals("ok", call(client, "Echo", "ok").get().getValue());
    }
  }

  /** Minutes are a usual limit, and there are several calls in each container's life. */
  @Test
  void call_thatIsAnsweredLeavesNothingWaitingForItsTimeout() throws Exception {
    ReferenceQueue<TtrpcClient> freed = new ReferenceQueue<>();
    WeakReference<TtrpcClient> client = clientOfOneCallWithin(Duration.ofMinutes(10), freed);
    do {
      System.gc();
    } while (freed.remove(50) == null);
    assertNull(client.get());
  }

  private WeakReference<TtrpcClient> clientOfOneCallWithin(
      Duration limit, ReferenceQueue<TtrpcClient> freed) throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      CallOptions options = CallOptions.within(limit);
      client.call("test.Echo", "Echo", pair("a", "b"), KeyValue.parser(), options).get();
      return new WeakReference<>(client, freed);
    }
  }

  /** A shim of 8 MB that runs hundreds of commands within their limits was filled by them. */
  @Test
  void server_keepsNoTimerForACallThatIsAnsweredAfterItsHandlerReturned() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      CallOptions options = CallOptions.within(Duration.ofMinutes(10));
      CompletableFuture<KeyValue> answer =
          client.call("test.Echo", "Keep", pair("a", "b"), KeyValue.parser(), options);
      ServerCall call = kept.get();
      while (timers.getQueue().isEmpty()) {
        Thread.onSpinWait();
        assertFalse(Thread.interrupted());
      }
      call.reply(pair("a", "c"));
      assertEquals("c", answer.get().getValue());
      // The thread that set the timer may be about to learn that the call has ended already.
      assertTimeoutPreemptively(
          Duration.ofSeconds(10),
          () -> {
            while (!timers.getQueue().isEmpty()) {
              Thread.onSpinWait();
            }
          },
          () -> "left: " + timers.getQueue());
    }
  }

  @Test
  void lostConnection_failsAllCallsWithUnavailable() throws Exception {
    TtrpcClient client = TtrpcClient.connect(socket);
    CompletableFuture<KeyValue> open = call(client, "Keep", "");
    kept.get();
    server.close();
    assertEquals(TtrpcCode.UNAVAILABLE, failureOf(open).code());
    client.closed().get();
    assertEquals(TtrpcCode.UNAVAILABLE, failureOf(call(client, "Echo", "")).code());
  }

  @Test
  void lostClient_abortsItsCallsOnTheServer() throws Exception {
    TtrpcClient client = TtrpcClient.connect(socket);
    call(client, "Keep", "");
    kept.get();
    client.close();
    assertTrue(aborted.await(10, TimeUnit.SECONDS));
  }

  @Test
  void serverStream_bringsAllMessagesInOrder() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      List<String> seen = new ArrayList<>();
      KeyValue last =
          client
              .serverStream(
                  "test.Echo",
                  "Count",
                  pair("", "1000"),
                  KeyValue.parser(),
                  CallOptions.NONE,
                  message -> seen.add(message.getValue()))
              .get();
      assertNull(last);
      assertEquals(1000, seen.size());
      assertEquals("999", seen.get(999));
    }
  }

  @Test
  void clientStream_isReadToItsEnd() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      ClientStream<KeyValue, KeyValue> stream =
          client.open("test.Echo", "Join", KeyValue.parser(), CallOptions.NONE, message -> {});
      stream.send(pair("", "one "));
      stream.send(pair("", ""));
      stream.send(pair("", "two"));
      stream.finish();
      assertEquals("one two", stream.result().get().getValue());
    }
  }

  @Test
  void bidirectionalStream_goesBothWays() throws Exception {
    try (TtrpcClient client = TtrpcClient.connect(socket)) {
      CompletableFuture<String> answer = new CompletableFuture<>();
      ClientStream<KeyValue, KeyValue> stream =
          client.open(
              "test.Echo",
              "Chat",
              KeyValue.parser(),
              CallOptions.NONE,
              message -> answer.complete(message.getValue()));
      stream.send(pair("", "hi"));
      assertEquals("HI", answer.get());
      stream.finish();
      assertNull(stream.result().get());
    }
  }

  @Test
  void server_refusesStreamIdsThatAreEvenOrUsed() throws Exception {
    try (SocketChannel raw = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      FrameChannel frames = new FrameChannel(raw, LIMIT_BYTES);
      byte[] request =
          Request.newBuilder()
              .setService("test.Echo")
              .setMethod("Echo")
              .setPayload(ByteString.EMPTY)
              .build()
              .toByteArray();
      for (int id : new int[] {2, 3, 3, 1}) {
        frames.write(Frame.request(id, 0, request));
        Frame answer = frames.read();
        assertEquals(id, answer.streamId());
        assertEquals(Frame.RESPONSE, answer.type());
        int code = Response.parseFrom(answer.payload()).getStatus().getCode();
        boolean first = id == 3 && code == 0;
        assertTrue(first || code == TtrpcCode.INVALID_ARGUMENT.number(), "stream " + id);
      }
      frames.write(Frame.data(99, new byte[0]));
      assertEquals(99, frames.read().streamId());
    }
  }

  @Test
  void server_ignoresFramesOfUnknownType() throws Exception {
    try (SocketChannel raw = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      FrameChannel frames = new FrameChannel(raw, LIMIT_BYTES);
      frames.write(new Frame(1, (byte) 9, (byte) 0, new byte[] {1, 2}, false));
      byte[] request =
          Request.newBuilder().setService("test.Echo").setMethod("Echo").build().toByteArray();
      frames.write(Frame.request(1, 0, request));
      assertEquals(1, frames.read().streamId());
    }
  }
}
