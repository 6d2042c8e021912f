package io.gantry.runtime.shim;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import io.gantry.proto.shim.v1.AttachStart;
import io.gantry.proto.shim.v1.ExecStart;
import io.gantry.proto.shim.v1.StdinClosed;
import io.gantry.proto.shim.v1.StreamExited;
import io.gantry.proto.shim.v1.StreamInput;
import io.gantry.proto.shim.v1.StreamOutput;
import io.gantry.proto.shim.v1.StreamStarted;
import io.gantry.proto.shim.v1.WindowSize;
import io.gantry.runtime.ttrpc.CallOptions;
import io.gantry.runtime.ttrpc.ClientStream;
import io.gantry.runtime.ttrpc.TtrpcClient;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/** A client of one session, on a connection of its own. */
final class StreamUnderTest implements Consumer<StreamOutput>, AutoCloseable {
  private static final int PATIENCE_SECONDS = 30;

  private final TtrpcClient client;
  private final ClientStream<StreamInput, StreamOutput> stream;
  private final CompletableFuture<StreamStarted> started = new CompletableFuture<>();
  private final CountDownLatch reading;
  private final StringBuilder stdout = new StringBuilder(); // guarded by this
  private final StringBuilder stderr = new StringBuilder(); // guarded by this
  private long stdoutBytes; // guarded by this
  private int taken; // guarded by this
  private StreamExited exited; // guarded by this

  /**
   * @param reads whether it reads from the beginning, else once told by {@link #read}
   */
  private StreamUnderTest(Path socket, String method, boolean reads) throws IOException {
    reading = new CountDownLatch(reads ? 0 : 1);
    client = TtrpcClient.connect(socket);
    stream =
        client.open(ShimUnderTest.EXTENSION, method, StreamOutput.parser(), CallOptions.NONE, this);
  }

  static StreamUnderTest exec(ShimUnderTest shim, ExecStart.Builder start) throws Exception {
    return exec(shim, start, true);
  }

  static StreamUnderTest exec(ShimUnderTest shim, ExecStart.Builder start, boolean reads)
      throws Exception {
    StreamUnderTest session = new StreamUnderTest(shim.socket, "ExecStream", reads);
    session.stream.send(StreamInput.newBuilder().setExec(start).build());
    return session;
  }

  static ExecStart.Builder command(String id, String script, boolean terminal) {
    return ExecStart.newBuilder()
        .setId(id)
        .setProcessSpec(ByteString.copyFromUtf8(BusyboxBundle.process(script, terminal)))
        .setStdin(true)
        .setStdout(true)
        .setStderr(!terminal)
        .setHangupGraceMillis(500);
  }

  static StreamUnderTest attach(ShimUnderTest shim, String id, boolean stdin) throws Exception {
    return attach(shim, id, stdin, true);
  }

  static StreamUnderTest attach(ShimUnderTest shim, String id, boolean stdin, boolean reads)
      throws Exception {
    StreamUnderTest session = new StreamUnderTest(shim.socket, "AttachStream", reads);
    AttachStart start =
        AttachStart.newBuilder().setId(id).setStdin(stdin).setStdout(true).setStderr(true).build();
    session.stream.send(StreamInput.newBuilder().setAttach(start).build());
    return session;
  }

  @Override
  public void accept(StreamOutput message) {
    try {
      reading.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
    if (message.hasStarted()) {
      started.complete(message.getStarted());
      return;
    }
    synchronized (this) {
      stdout.append(message.getStdout().toString(StandardCharsets.ISO_8859_1));
      stdoutBytes += message.getStdout().size();
      stderr.append(message.getStderr().toString(StandardCharsets.ISO_8859_1));
      taken += message.getStdinTaken();
      if (message.hasExited()) {
        exited = message.getExited();
      }
      notifyAll();
    }
  }

  void read() {
    reading.countDown();
  }

  StreamStarted started() throws Exception {
    return started.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
  }

  void send(String text) throws IOException {
    stream.send(StreamInput.newBuilder().setStdin(ByteString.copyFromUtf8(text)).build());
  }

  void send(ByteString bytes) throws IOException {
    stream.send(StreamInput.newBuilder().setStdin(bytes).build());
  }

  void closeStdin() throws IOException {
    stream.send(StreamInput.newBuilder().setStdinClosed(StdinClosed.getDefaultInstance()).build());
  }

  void resize(int width, int height) throws IOException {
    WindowSize size = WindowSize.newBuilder().setWidth(width).setHeight(height).build();
    stream.send(StreamInput.newBuilder().setResize(size).build());
  }

  /** Waits until so many messages of input were taken. */
  synchronized void awaitTaken(int count) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (taken < count) {
      assertTrue(System.nanoTime() < end, "taken: " + taken);
      wait(100);
    }
  }

  /** Waits until the output contains a text. */
  synchronized void awaitOutput(String text) throws InterruptedException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (stdout.indexOf(text) < 0) {
      assertTrue(System.nanoTime() < end, "output: " + stdout);
      wait(100);
    }
  }

  synchronized String stdout() {
    return stdout.toString();
  }

  synchronized long stdoutBytes() {
    return stdoutBytes;
  }

  synchronized String stderr() {
    return stderr.toString();
  }

  /** Waits for the end of the stream; null when the session ended without an exit. */
  StreamExited end() throws Exception {
    try {
      stream.result().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof TtrpcException failure ? failure : e;
    }
    synchronized (this) {
      return exited;
    }
  }

  int exitCode() throws Exception {
    return end().getExitStatus();
  }

  /** As when the client vanishes. */
  @Override
  public void close() {
    client.close();
  }
}
