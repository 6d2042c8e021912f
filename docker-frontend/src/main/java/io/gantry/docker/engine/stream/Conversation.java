package io.gantry.docker.engine.stream;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import io.gantry.proto.v1.ProcessInput;
import io.gantry.proto.v1.ProcessOutput;
import io.gantry.proto.v1.StdinEnd;
import io.gantry.proto.v1.TerminalSize;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * One call of gantry.v1 in which a process and a client talk: Exec or Attach. The process's output
 * is asked for piece by piece, so a slow client slows the process.
 */
public final class Conversation {
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Sink sink;
  private final Object ready = new Object();
  private ClientCallStreamObserver<ProcessInput> call;
  private volatile int pid;
  private volatile Integer exitCode;
  private volatile Status failure = Status.OK;
  private volatile boolean clientGone;
  private boolean inputEnded;

  /** Takes the process's output; may wait. */
  public interface Sink {
    void write(int stream, byte[] bytes) throws IOException;
  }

  private Conversation(Sink sink) {
    this.sink = sink;
  }

  /** Makes the call. */
  @FunctionalInterface
  public interface Opener {
    void open(ClientResponseObserver<ProcessInput, ProcessOutput> answers);
  }

  /**
   * Begins a conversation.
   *
   * @param first the message that says what with
   */
  public static Conversation begin(Opener opener, ProcessInput first, Sink sink) {
    Conversation conversation = new Conversation(sink);
    opener.open(conversation.new Answers());
    conversation.call.onNext(first);
    return conversation;
  }

  /**
   * Waits until the runtime has connected the streams.
   *
   * @throws StatusRuntimeException if it refused
   */
  public int awaitStart() throws InterruptedException {
    started.await();
    if (!failure.isOk()) {
      throw failure.asRuntimeException();
    }
    return pid;
  }

  /** Waits for the end of the process, or of the call. */
  public void awaitEnd() throws InterruptedException {
    ended.await();
  }

  /** Waits so long for the end. */
  public boolean awaitEnd(long seconds) throws InterruptedException {
    return ended.await(seconds, TimeUnit.SECONDS);
  }

  /** Whether the process, or the call, has ended. */
  public boolean isOver() {
    return ended.getCount() == 0;
  }

  /** OK unless the call failed. */
  public Status failure() {
    return failure;
  }

  /** Null if the process's end was not told. */
  public Integer exitCode() {
    return exitCode;
  }

  /** Sends input until it ends, then says so. Returns whether the detach keys came. */
  public boolean send(InputStream input, DetachKeys keys, boolean endsStdin) throws IOException {
    byte[] buffer = new byte[32 * 1024];
    int count;
    while ((count = input.read(buffer)) >= 0) {
      ByteArrayOutputStream passed = new ByteArrayOutputStream();
      boolean detached = false;
      if (keys == null) {
        passed.write(buffer, 0, count);
      } else {
        detached = keys.filter(buffer, count, passed);
      }
      if (passed.size() > 0) {
        write(passed.toByteArray());
      }
      if (detached) {
        return true;
      }
      if (ended.getCount() == 0) {
        return false;
      }
    }
    if (endsStdin) {
      endInput();
    }
    return false;
  }

  private void write(byte[] bytes) throws IOException {
    synchronized (ready) {
      while (!call.isReady() && ended.getCount() > 0) {
        try {
          ready.wait(1000);
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          throw new IOException("interrupted", e);
        }
      }
      if (ended.getCount() > 0 && !inputEnded) {
        ByteString data = UnsafeByteOperations.unsafeWrap(bytes);
        call.onNext(ProcessInput.newBuilder().setStdin(data).build());
      }
    }
  }

  /** No more input comes. */
  public void endInput() {
    synchronized (ready) {
      if (!inputEnded && ended.getCount() > 0) {
        inputEnded = true;
        call.onNext(ProcessInput.newBuilder().setStdinEnd(StdinEnd.getDefaultInstance()).build());
      }
    }
  }

  /** Tells the process how large its terminal is. */
  public void resize(int height, int width) {
    synchronized (ready) {
      if (ended.getCount() > 0) {
        call.onNext(
            ProcessInput.newBuilder()
                .setResize(TerminalSize.newBuilder().setHeight(height).setWidth(width))
                .build());
      }
    }
  }

  /** Ends the call; the process of an Exec is ended with it. */
  public void cancel() {
    synchronized (ready) {
      call.cancel("no longer wanted", null);
    }
  }

  /** Has a message handled where no client is to see it any more. */
  private final class Answers implements ClientResponseObserver<ProcessInput, ProcessOutput> {
    private final Consumer<ProcessOutput> take = this::take;

    @Override
    public void beforeStart(ClientCallStreamObserver<ProcessInput> stream) {
      call = stream;
      stream.setOnReadyHandler(
          () -> {
            synchronized (ready) {
              ready.notifyAll();
            }
          });
    }

    @Override
    public void onNext(ProcessOutput output) {
      take.accept(output);
    }

    private void take(ProcessOutput output) {
      switch (output.getOutputCase()) {
        case STARTED -> {
          pid = output.getStarted().getPid();
          started.countDown();
        }
        case STDOUT -> pass(Frames.STDOUT, output.getStdout());
        case STDERR -> pass(Frames.STDERR, output.getStderr());
        case EXITED -> exitCode = output.getExited().getExitCode();
        default -> {}
      }
    }

    private void pass(int stream, ByteString bytes) {
      if (clientGone) {
        return; // The process runs on; who reads its output is gone.
      }
      try {
        sink.write(stream, bytes.toByteArray());
      } catch (IOException e) {
        clientGone = true;
      }
    }

    @Override
    public void onError(Throwable error) {
      failure = Status.fromThrowable(error);
      end();
    }

    @Override
    public void onCompleted() {
      end();
    }

    private void end() {
      ended.countDown();
      started.countDown();
      synchronized (ready) {
        ready.notifyAll();
      }
    }
  }
}
