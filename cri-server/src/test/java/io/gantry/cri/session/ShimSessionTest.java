package io.gantry.cri.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.gantry.cri.streaming.process.ProcessOutput;
import io.gantry.cri.streaming.process.SessionEnd;
import io.gantry.proto.shim.v1.ExecStart;
import io.gantry.proto.shim.v1.StreamExited;
import io.gantry.proto.shim.v1.StreamInput;
import io.gantry.proto.shim.v1.StreamOutput;
import io.gantry.proto.shim.v1.StreamStarted;
import io.gantry.runtime.ttrpc.ServerCall;
import io.gantry.runtime.ttrpc.TtrpcClient;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import io.gantry.runtime.ttrpc.TtrpcServer;
import io.gantry.runtime.ttrpc.TtrpcService;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sessions with a shim whose part the test plays. */
@Timeout(30)
class ShimSessionTest {
  @TempDir Path directory;
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private final ScheduledExecutorService timers = Executors.newScheduledThreadPool(1);
  private final LinkedBlockingQueue<ServerCall> calls = new LinkedBlockingQueue<>();
  private final Output output = new Output();
  private TtrpcServer server;
  private Path socket;

  /** Remembers what it is given, and can make its giver wait. */
  private static final class Output implements ProcessOutput {
    final StringBuffer text = new StringBuffer();
    final CountDownLatch entered = new CountDownLatch(1);
    volatile CountDownLatch room = new CountDownLatch(0);

    @Override
    public void stdout(ByteBuffer bytes) throws InterruptedException {
      entered.countDown();
      room.await();
      text.append(StandardCharsets.UTF_8.decode(bytes));
    }

    @Override
    public void stderr(ByteBuffer bytes) throws InterruptedException {
      text.append("E:");
      stdout(bytes);
    }
  }

  @BeforeEach
  void listen() throws IOException {
    socket = directory.resolve("s.sock");
    server =
        new TtrpcServer(
            List.of(
                new TtrpcService("gantry.shim.v1.ShimExtension", Map.of("ExecStream", calls::add))),
            threads,
            timers,
            1 << 20,
            count -> {});
    ServerSocketChannel listener = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    listener.bind(UnixDomainSocketAddress.of(socket));
    threads.execute(
        () -> {
          try {
            server.serve(listener);
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  @AfterEach
  void close() throws IOException {
    server.close();
    threads.shutdownNow();
    timers.shutdownNow();
  }

  private CompletableFuture<ShimSession> begin() {
    CompletableFuture<ShimSession> session = new CompletableFuture<>();
    threads.execute(
        () -> {
          try {
            session.complete(
                ShimSession.begin(
                    "exec in container web",
                    TtrpcClient.connect(socket),
                    "ExecStream",
                    StreamInput.newBuilder().setExec(ExecStart.newBuilder().setId("web")).build(),
                    output));
          } catch (Exception e) {
            session.completeExceptionally(e);
          }
        });
    return session;
  }

  private ServerCall call() throws Exception {
    ServerCall call = calls.poll(10, TimeUnit.SECONDS);
    assertEquals("web", receive(call).getExec().getId());
    return call;
  }

  private static StreamInput receive(ServerCall call) throws Exception {
    return call.receive(StreamInput.parser()).orElseThrow();
  }

  private static void started(ServerCall call, int window) throws IOException {
    StreamStarted started = StreamStarted.newBuilder().setPid(7).setStdinWindow(window).build();
    call.send(StreamOutput.newBuilder().setStarted(started).build());
  }

  private static void print(ServerCall call, String text) throws IOException {
    call.send(StreamOutput.newBuilder().setStdout(ByteString.copyFromUtf8(text)).build());
  }

  private static void exit(ServerCall call, int code) throws IOException {
    StreamExited exited = StreamExited.newBuilder().setExitStatus(code).build();
    call.send(StreamOutput.newBuilder().setExited(exited).build());
    call.finish();
  }

  private static SessionEnd end(ShimSession session) throws Exception {
    return session.ended().get(10, TimeUnit.SECONDS);
  }

  @Test
  void session_bringsOutputAndThenTheCode() throws Exception {
    CompletableFuture<ShimSession> begun = begin();
    ServerCall call = call();
    assertFalse(begun.isDone(), "nothing has started yet");
    started(call, 1);
    print(call, "hello");
    call.send(StreamOutput.newBuilder().setStderr(ByteString.copyFromUtf8("oops")).build());
    exit(call, 5);
    assertEquals(new SessionEnd.Exited(5), end(begun.get()));
    assertEquals("helloE:oops", output.text.toString());
  }

  @Test
  void begin_failsAsTheShimDoes() throws Exception {
    CompletableFuture<ShimSession> begun = begin();
    call().fail(new TtrpcException(TtrpcCode.NOT_FOUND, "no such program"));
    Exception failure = assertThrows(Exception.class, begun::get);
    assertInstanceOf(TtrpcException.class, failure.getCause());
    assertEquals("no such program", failure.getCause().getMessage());
  }

  @Test
  void stdin_isTakenAsFarAsTheShimGrants() throws Exception {
    CompletableFuture<ShimSession> begun = begin();
    ServerCall call = call();
    started(call, 2);
    ShimSession session = begun.get();
    CompletableFuture<Void> taken = session.stdin(ByteBuffer.allocate(3 * 8192 - 1));
    assertEquals(8192, receive(call).getStdin().size());
    assertEquals(8192, receive(call).getStdin().size());
    assertFalse(taken.isDone(), "the third part waits");
    call.send(StreamOutput.newBuilder().setStdinTaken(1).build());
    assertEquals(8191, receive(call).getStdin().size());
    taken.get(10, TimeUnit.SECONDS);

    CompletableFuture<Void> never = session.stdin(ByteBuffer.allocate(1));
    assertFalse(never.isDone());
    exit(call, 0);
    never.get(10, TimeUnit.SECONDS);
    assertTrue(session.stdin(ByteBuffer.allocate(1)).isDone(), "nobody will read it");
  }

  @Test
  void resizeAndTheEndOfInput_arePassedOn() throws Exception {
    CompletableFuture<ShimSession> begun = begin();
    ServerCall call = call();
    started(call, 0);
    begun.get().resize(80, 24);
    begun.get().closeStdin();
    StreamInput resize = receive(call);
    assertEquals(80, resize.getResize().getWidth());
    assertEquals(24, resize.getResize().getHeight());
    assertTrue(receive(call).hasStdinClosed());
  }

  @Test
  void close_letsTheShimSeeTheClientGo() throws Exception {
    CompletableFuture<ShimSession> begun = begin();
    ServerCall call = call();
    CountDownLatch gone = new CountDownLatch(1);
    call.whenAborted(gone::countDown);
    started(call, 0);
    begun.get().close();
    assertTrue(gone.await(10, TimeUnit.SECONDS));
    assertEquals(new SessionEnd.Detached(), end(begun.get()));
    begun.get().close();
  }

  @Test
  void end_isToldOnlyWhenTheOutputHasReturned() throws Exception {
    CompletableFuture<ShimSession> begun = begin();
    ServerCall call = call();
    started(call, 0);
    ShimSession session = begun.get();
    output.room = new CountDownLatch(1);
    print(call, "late");
    output.entered.await();
    session.close();
    assertFalse(session.ended().isDone(), "the output is at work still");
    output.room.countDown();
    assertEquals(new SessionEnd.Detached(), end(session));
    assertEquals("late", output.text.toString());
  }

  @Test
  void lostShim_andARefusedClient_areFailures() throws Exception {
    CompletableFuture<ShimSession> begun = begin();
    ServerCall call = call();
    started(call, 0);
    call.fail(new TtrpcException(TtrpcCode.RESOURCE_EXHAUSTED, "too slow"));
    assertEquals(new SessionEnd.Failed("exec in container web: too slow"), end(begun.get()));

    begun = begin();
    started(call(), 0);
    ShimSession session = begun.get();
    server.close();
    SessionEnd.Failed lost = assertInstanceOf(SessionEnd.Failed.class, end(session));
    assertTrue(lost.message().contains("connection to"), lost.message());
  }
}
