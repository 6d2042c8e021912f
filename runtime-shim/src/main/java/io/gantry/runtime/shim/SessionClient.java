package io.gantry.runtime.shim;

import com.google.protobuf.ByteString;
import io.gantry.proto.shim.v1.StreamExited;
import io.gantry.proto.shim.v1.StreamInput;
import io.gantry.proto.shim.v1.StreamOutput;
import io.gantry.proto.shim.v1.StreamStarted;
import io.gantry.proto.shim.v1.WindowSize;
import io.gantry.runtime.shim.ProcessState.Exited;
import io.gantry.runtime.stdio.ProcessIo;
import io.gantry.runtime.ttrpc.ServerCall;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The client of a session: what is said to it, and the input it sends. Thread-safe. What is sent
 * blocks while the client does not read, but for {@link #input} and {@link #resize}, which never
 * do.
 */
final class SessionClient implements Runnable {
  // Keeps the pipe of a process busy that reads as fast as it can, and is little enough to be held
  // for each of some hundred that do not.
  static final int STDIN_WINDOW = 4;
  static final int STDIN_MESSAGE_BYTES = 8192;
  private static final int MAX_SIZE = 0xffff;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final ServerCall call;
  private final Executor executor;
  private final AtomicInteger underWay = new AtomicInteger();

  SessionClient(ServerCall call, Executor executor) {
    this.call = call;
    this.executor = executor;
  }

  /**
   * The first message of a session, waiting for it.
   *
   * @throws TtrpcException INVALID_ARGUMENT if there is none
   */
  StreamInput first() throws IOException, InterruptedException {
    return call.receive(StreamInput.parser())
        .orElseThrow(
            () ->
                new TtrpcException(
                    TtrpcCode.INVALID_ARGUMENT, call.method() + ": no message says what to do"));
  }

  void started(int pid) throws IOException {
    StreamStarted started =
        StreamStarted.newBuilder().setPid(pid).setStdinWindow(STDIN_WINDOW).build();
    call.send(StreamOutput.newBuilder().setStarted(started).build());
  }

  void output(boolean stderr, byte[] bytes, int offset, int length) throws IOException {
    ByteString text = ByteString.copyFrom(bytes, offset, length);
    StreamOutput.Builder message = StreamOutput.newBuilder();
    call.send(stderr ? message.setStderr(text).build() : message.setStdout(text).build());
  }

  /** The last message; ends the call. */
  void exited(Exited exited) {
    long nanos = exited.at().getEpochSecond() * NANOS_PER_SECOND + exited.at().getNano();
    StreamExited exit =
        StreamExited.newBuilder().setExitStatus(exited.code()).setExitedAtNanos(nanos).build();
    try {
      call.send(StreamOutput.newBuilder().setExited(exit).build());
      call.finish();
    } catch (IOException e) {
      call.fail(e);
    }
  }

  /**
   * Passes input on, or drops it where {@code io} is null.
   *
   * @throws TtrpcException RESOURCE_EXHAUSTED if it is more than the client was allowed to send
   */
  void input(ByteString bytes, ProcessIo io) throws TtrpcException {
    if (bytes.size() > STDIN_MESSAGE_BYTES || underWay.incrementAndGet() > STDIN_WINDOW) {
      throw new TtrpcException(
          TtrpcCode.RESOURCE_EXHAUSTED,
          call.method()
              + ": more input came than the "
              + STDIN_WINDOW
              + " messages of at most "
              + STDIN_MESSAGE_BYTES
              + " bytes that may be under way");
    }
    if (io == null || !io.sendInput(bytes.toByteArray(), this)) {
      executor.execute(this);
    }
  }

  /** A message of input was taken. */
  @Override
  public void run() {
    underWay.decrementAndGet();
    try {
      call.send(StreamOutput.newBuilder().setStdinTaken(1).build());
    } catch (IOException e) {
      // The session is over, and nobody waits for room any more.
    }
  }

  static void resize(WindowSize size, ProcessIo io) throws IOException {
    int width = size.getWidth();
    int height = size.getHeight();
    if (width < 0 || width > MAX_SIZE || height < 0 || height > MAX_SIZE) {
      throw new TtrpcException(
          TtrpcCode.INVALID_ARGUMENT, "terminal size " + width + "x" + height + " is too large");
    }
    if (width > 0 && height > 0) {
      io.resize(width, height);
    }
  }
}
