package io.gantry.tests.cri;

import com.google.protobuf.ByteString;
import io.gantry.proto.v1.AttachStart;
import io.gantry.proto.v1.ExecStart;
import io.gantry.proto.v1.ProcessInput;
import io.gantry.proto.v1.ProcessOutput;
import io.gantry.proto.v1.StdinEnd;
import io.gantry.proto.v1.TerminalSize;
import io.gantry.tests.tools.Eventually;
import io.gantry.tests.tools.Patience;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A caller at the streams of a process, by gantry.v1. Thread-safe. */
public final class ProcessTalk implements StreamObserver<ProcessOutput> {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final ByteArrayOutputStream stdout = new ByteArrayOutputStream(); // guarded by this
  private final ByteArrayOutputStream stderr = new ByteArrayOutputStream(); // guarded by this
  private final CompletableFuture<Integer> started = new CompletableFuture<>();
  private final CompletableFuture<Integer> exited = new CompletableFuture<>();
  private final CompletableFuture<Status> over = new CompletableFuture<>();
  private StreamObserver<ProcessInput> to;

  private ProcessTalk() {}

  public static ProcessTalk exec(ExtensionClient client, ExecStart start) {
    ProcessTalk talk = new ProcessTalk();
    talk.to = client.sessions().exec(talk);
    talk.to.onNext(ProcessInput.newBuilder().setExec(start).build());
    return talk;
  }

  public static ProcessTalk attach(ExtensionClient client, AttachStart start) {
    ProcessTalk talk = new ProcessTalk();
    talk.to = client.sessions().attach(talk);
    talk.to.onNext(ProcessInput.newBuilder().setAttach(start).build());
    return talk;
  }

  public void stdin(String text) {
    to.onNext(ProcessInput.newBuilder().setStdin(ByteString.copyFromUtf8(text)).build());
  }

  public void endStdin() {
    to.onNext(ProcessInput.newBuilder().setStdinEnd(StdinEnd.getDefaultInstance()).build());
  }

  public void resize(int width, int height) {
    TerminalSize size = TerminalSize.newBuilder().setWidth(width).setHeight(height).build();
    to.onNext(ProcessInput.newBuilder().setResize(size).build());
  }

  /** The caller goes away. */
  public void leave() {
    ((ClientCallStreamObserver<ProcessInput>) to).cancel("the test leaves", null);
  }

  @Override
  public void onNext(ProcessOutput message) {
    switch (message.getOutputCase()) {
      case STARTED -> started.complete(message.getStarted().getPid());
      case STDOUT -> write(stdout, message.getStdout());
      case STDERR -> write(stderr, message.getStderr());
      case EXITED -> exited.complete(message.getExited().getExitCode());
      case OUTPUT_NOT_SET -> over.complete(Status.INTERNAL.withDescription("an empty message"));
    }
  }

  private synchronized void write(ByteArrayOutputStream stream, ByteString bytes) {
    stream.writeBytes(bytes.toByteArray());
  }

  @Override
  public void onError(Throwable failure) {
    over.complete(Status.fromThrowable(failure));
    started.completeExceptionally(failure);
    exited.completeExceptionally(failure);
  }

  @Override
  public void onCompleted() {
    over.complete(Status.OK);
    exited.completeExceptionally(new AssertionError("the session ended without an exit code"));
  }

  /** Waits for the start; the process id. */
  public int pid() {
    return get("the session's start", started);
  }

  /** Waits for the end; the exit code. */
  public int exitCode() {
    return get("the process's end", exited);
  }

  /** Waits for the call's end; how it ended. */
  public Status status() {
    return get("the call's end", over);
  }

  private static <T> T get(String what, CompletableFuture<T> future) {
    try {
      return future.get(Patience.of(SOON).toMillis(), TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      throw new AssertionError(what + ": " + e.getCause(), e.getCause());
    } catch (TimeoutException e) {
      throw new AssertionError(what + " does not come", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError(what + ": interrupted", e);
    }
  }

  public synchronized String stdout() {
    return stdout.toString(StandardCharsets.UTF_8);
  }

  public synchronized int stdoutBytes() {
    return stdout.size();
  }

  public synchronized String stderr() {
    return stderr.toString(StandardCharsets.UTF_8);
  }

  /** Waits until so much has come. */
  public void awaitStdout(String wanted) {
    Eventually.get("output " + wanted, SOON, this::stdout, text -> text.contains(wanted));
  }
}
