package io.gantry.runtime.shim;

import io.gantry.proto.shim.v1.ExecStart;
import io.gantry.proto.shim.v1.StreamInput;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciSpecReader;
import io.gantry.runtime.shim.ProcessState.Exited;
import io.gantry.runtime.stdio.OutputSink;
import io.gantry.runtime.stdio.ProcessIo;
import io.gantry.runtime.ttrpc.ServerCall;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * A process executed in a container for a client at its streams. It holds no thread but the one
 * that copies its output; a client that does not read holds up that one only.
 *
 * <p>The session ends with its process: then the exit code follows the output that came before it,
 * and what the process left running lives on in the container. Or it ends with its client: then the
 * process is hung up, and after a grace killed with everything it has started.
 */
final class ExecSession implements ServerCall.Receiver<StreamInput> {
  /** How long survivors that hold the pipes are listened to after the process's own end. */
  private static final int DRAIN_MILLIS = 2000;

  // What pressing ^D sends (VEOF of termios(3) has this value unless someone changed it).
  private static final byte END_OF_INPUT = 4;

  private final ServerCall call;
  private final SessionClient client;
  private final Surroundings around;
  private long graceMillis;
  private boolean terminal;
  private boolean detached;
  private TaskProcess process;

  private ExecSession(ServerCall call, Surroundings around) {
    this.call = call;
    this.client = new SessionClient(call, around.executor());
    this.around = around;
  }

  static void serve(Tasks tasks, ServerCall call, Surroundings around) throws Exception {
    ExecSession session = new ExecSession(call, around);
    StreamInput first = session.client.first();
    if (!first.hasExec()) {
      throw new TtrpcException(
          TtrpcCode.INVALID_ARGUMENT, "ExecStream: the first message does not say what to execute");
    }
    session.start(tasks.get(first.getExec().getId()), first.getExec());
  }

  private void start(Task task, ExecStart start) throws Exception {
    OciProcess spec = OciSpecReader.parseProcess(start.getProcessSpec().toByteArray());
    terminal = spec.terminal();
    graceMillis = start.getHangupGraceMillis();
    detached = start.getDetached();
    // Output that cannot be sent means a lost client, which is handled where the call ends.
    ProcessIo io =
        ProcessIo.session(
            around.linux(),
            start.getStdin(),
            start.getStdout() ? new Sink(false) : null,
            start.getStderr() && !terminal ? new Sink(true) : null,
            terminal,
            around.executor(),
            words -> {});
    process = task.newProcess("session in container " + task.id(), spec, io, exited -> {});
    process.patient();
    try {
      process.start(this::started);
    } catch (Exception | Error e) {
      process.close();
      throw e;
    }
    if (!detached) {
      call.whenAborted(() -> around.executor().execute(this::hangUp));
    }
    process.exit().whenComplete((exited, failure) -> drain(exited));
    call.receive(StreamInput.parser(), this);
  }

  private void started(int pid) {
    try {
      client.started(pid);
    } catch (IOException e) {
      // The call has ended; whenAborted says the rest.
    }
  }

  @Override
  public void message(StreamInput input) throws IOException {
    switch (input.getInputCase()) {
      case STDIN -> client.input(input.getStdin(), process.io());
      case STDIN_CLOSED -> finished();
      case RESIZE -> SessionClient.resize(input.getResize(), process.io());
      default ->
          throw new TtrpcException(
              TtrpcCode.INVALID_ARGUMENT, "ExecStream: only the first message can start anything");
    }
  }

  /** The client will send no more input. A terminal cannot be half closed: it gets a ^D. */
  @Override
  public void finished() {
    if (terminal) {
      process.io().sendInput(new byte[] {END_OF_INPUT}, () -> {});
    } else {
      process.io().closeStdin();
    }
  }

  private void drain(Exited exited) {
    CompletableFuture<Void> ended = process.io().outputEnded();
    CompletableFuture<Void> first = new CompletableFuture<>();
    // A terminal's user has left; what goes on in the background must not keep the prompt waiting.
    if (terminal || ended.isDone()) {
      first.complete(null);
    } else {
      ScheduledFuture<?> limit =
          around.timers().schedule(() -> first.complete(null), DRAIN_MILLIS, TimeUnit.MILLISECONDS);
      ended.whenComplete(
          (done, failure) -> {
            limit.cancel(false);
            first.complete(null);
          });
    }
    first.whenCompleteAsync(
        (done, failure) -> {
          process.close();
          client.exited(exited);
        },
        around.executor());
  }

  private void hangUp() {
    // The end of its input and, with a terminal, the kernel's own hang-up (pty(7)).
    process.close();
    process.hangUp();
    if (!process.isGone()) {
      around
          .timers()
          .schedule(() -> around.executor().execute(this::end), graceMillis, TimeUnit.MILLISECONDS);
    }
  }

  private void end() {
    if (!process.isGone()) {
      process.killAll();
    }
  }

  private final class Sink implements OutputSink {
    private final boolean stderr;

    Sink(boolean stderr) {
      this.stderr = stderr;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        client.output(stderr, bytes, offset, length);
      } catch (IOException e) {
        if (!detached) {
          throw e;
        }
        // Nobody reads it any more, and the program is to go on all the same.
      }
    }

    @Override
    public void close() {}
  }
}
