package io.gantry.cri.session;

import com.google.protobuf.ByteString;
import io.gantry.cri.streaming.process.ProcessOutput;
import io.gantry.cri.streaming.process.ProcessSession;
import io.gantry.cri.streaming.process.SessionEnd;
import io.gantry.proto.shim.v1.StdinClosed;
import io.gantry.proto.shim.v1.StreamInput;
import io.gantry.proto.shim.v1.StreamOutput;
import io.gantry.proto.shim.v1.WindowSize;
import io.gantry.runtime.ttrpc.CallOptions;
import io.gantry.runtime.ttrpc.ClientStream;
import io.gantry.runtime.ttrpc.TtrpcClient;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * One session with a shim. Output comes on the reading thread of its connection, which waits for
 * the client: so the shim waits, too. Input goes as fast as the shim grants. Thread-safe.
 */
final class ShimSession implements ProcessSession, Consumer<StreamOutput> {
  private static final String EXTENSION = "gantry.shim.v1.ShimExtension";
  private static final int STDIN_MESSAGE_BYTES = 8192;

  // As for the other calls that start something in a container: what takes longer is stuck.
  private static final int START_SECONDS = 120;

  private final String name;
  private final TtrpcClient client;
  private final ProcessOutput output;
  private final ClientStream<StreamInput, StreamOutput> stream;
  private final CompletableFuture<Integer> started = new CompletableFuture<>();
  private final CompletableFuture<SessionEnd> ended = new CompletableFuture<>();

  private final Object lock = new Object();
  private SessionEnd end; // guarded by lock; null before it is known
  private boolean callOver; // guarded by lock
  private boolean delivering; // guarded by lock: the output may be at work
  private boolean closed; // guarded by lock
  private int window; // guarded by lock: messages of input that may be sent
  private ByteBuffer input; // guarded by lock; null unless some waits for the window
  private CompletableFuture<Void> inputTaken; // guarded by lock; of the input

  private ShimSession(String name, TtrpcClient client, String method, ProcessOutput output)
      throws IOException {
    this.name = name;
    this.client = client;
    this.output = output;
    this.stream = client.open(EXTENSION, method, StreamOutput.parser(), CallOptions.NONE, this);
  }

  /**
   * @param name for messages: "exec in container web"
   * @param client for this session only, owned from now on
   * @param first says what to do
   * @throws IOException saying why there is no session
   */
  static ShimSession begin(
      String name, TtrpcClient client, String method, StreamInput first, ProcessOutput output)
      throws IOException, InterruptedException {
    try {
      ShimSession session = new ShimSession(name, client, method, output);
      session.stream.result().whenComplete((nothing, failure) -> session.over(failure));
      session.stream.send(first);
      session.awaitStart();
      return session;
    } catch (IOException | InterruptedException | RuntimeException e) {
      client.close();
      throw e;
    }
  }

  private void awaitStart() throws IOException, InterruptedException {
    try {
      started.get(START_SECONDS, TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure
          ? failure
          : new IOException(name + ": " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new IOException(name + ": no answer from the shim for " + START_SECONDS + " s", e);
    }
  }

  /** Of its process, as the host sees it; 0 where there is none yet. */
  int pid() {
    return started.getNow(0);
  }

  @Override
  public void accept(StreamOutput message) {
    synchronized (lock) {
      if (callOver || closed) {
        return;
      }
      delivering = true;
    }
    try {
      take(message);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      client.close();
    } finally {
      boolean last;
      synchronized (lock) {
        delivering = false;
        last = callOver;
      }
      if (last) {
        tellEnd();
      }
    }
  }

  private void take(StreamOutput message) throws InterruptedException {
    switch (message.getOutputCase()) {
      case STARTED -> {
        grant(message.getStarted().getStdinWindow());
        started.complete(message.getStarted().getPid());
      }
      case STDOUT -> output.stdout(message.getStdout().asReadOnlyByteBuffer());
      case STDERR -> output.stderr(message.getStderr().asReadOnlyByteBuffer());
      case STDIN_TAKEN -> grant(message.getStdinTaken());
      case EXITED -> {
        synchronized (lock) {
          end = new SessionEnd.Exited(message.getExited().getExitStatus());
        }
      }
      case OUTPUT_NOT_SET -> {
        // Something that a later shim says; there is nothing it could mean to this daemon.
      }
    }
  }

  /** The call is over, or its connection is. On any thread, also while output is delivered. */
  private void over(Throwable failure) {
    boolean last;
    CompletableFuture<Void> unsent;
    synchronized (lock) {
      callOver = true;
      if (end == null) {
        end =
            failure == null || closed
                ? new SessionEnd.Detached()
                : new SessionEnd.Failed(name + ": " + failure.getMessage());
      }
      last = !delivering;
      unsent = inputTaken;
      input = null;
      inputTaken = null;
    }
    started.completeExceptionally(
        failure == null ? new IOException(name + ": it ended before it began") : failure);
    if (unsent != null) {
      unsent.complete(null);
    }
    client.close();
    if (last) {
      tellEnd();
    }
  }

  private void tellEnd() {
    SessionEnd now;
    synchronized (lock) {
      now = end;
    }
    ended.complete(now);
  }

  @Override
  public CompletableFuture<Void> stdin(ByteBuffer bytes) {
    CompletableFuture<Void> taken = new CompletableFuture<>();
    synchronized (lock) {
      if (callOver) {
        return CompletableFuture.completedFuture(null);
      }
      input = bytes;
      inputTaken = taken;
    }
    grant(0);
    return taken;
  }

  /**
   * Sends what input the window allows. Order matters, hence the lock; what it allows is little.
   */
  private void grant(int messages) {
    CompletableFuture<Void> taken = null;
    synchronized (lock) {
      window += messages;
      while (input != null && window > 0) {
        window--;
        int count = Math.min(input.remaining(), STDIN_MESSAGE_BYTES);
        send(StreamInput.newBuilder().setStdin(ByteString.copyFrom(input, count)).build());
        if (!input.hasRemaining()) {
          taken = inputTaken;
          input = null;
          inputTaken = null;
        }
      }
    }
    if (taken != null) {
      taken.complete(null);
    }
  }

  private void send(StreamInput message) {
    try {
      stream.send(message);
    } catch (IOException e) {
      // The connection is lost, which its reading thread tells.
    }
  }

  @Override
  public void closeStdin() {
    send(StreamInput.newBuilder().setStdinClosed(StdinClosed.getDefaultInstance()).build());
  }

  @Override
  public void resize(int width, int height) {
    WindowSize size = WindowSize.newBuilder().setWidth(width).setHeight(height).build();
    send(StreamInput.newBuilder().setResize(size).build());
  }

  @Override
  public CompletableFuture<SessionEnd> ended() {
    return ended;
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
    client.close();
  }
}
