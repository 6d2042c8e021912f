package io.gantry.runtime.shim;

import com.google.protobuf.ByteString;
import io.gantry.proto.shim.v1.ExecSyncExit;
import io.gantry.proto.shim.v1.ExecSyncOutput;
import io.gantry.proto.shim.v1.ExecSyncRequest;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciSpecReader;
import io.gantry.runtime.shim.ProcessState.Exited;
import io.gantry.runtime.stdio.OutputSink;
import io.gantry.runtime.stdio.ProcessIo;
import io.gantry.runtime.ttrpc.ServerCall;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * One command run inside a container to its end, its output streamed to the caller. It holds no
 * thread while the command runs but the one that copies its output. When the caller's connection is
 * lost the command is killed: nobody will read what it finds.
 */
final class ExecSyncRun {
  private final ExecSyncRequest request;
  private final ServerCall call;
  private final Surroundings around;
  private final CompletableFuture<Void> killed = new CompletableFuture<>();
  private volatile boolean timedOut;

  private ExecSyncRun(ExecSyncRequest request, ServerCall call, Surroundings around) {
    this.request = request;
    this.call = call;
    this.around = around;
  }

  static void start(Task task, ExecSyncRequest request, ServerCall call, Surroundings around)
      throws Exception {
    new ExecSyncRun(request, call, around).start(task);
  }

  private void start(Task task) throws Exception {
    OciProcess spec = OciSpecReader.parseProcess(request.getProcessSpec().toByteArray());
    String name = "command in container " + task.id();
    // Lost output here means a lost caller, which is handled where the call ends.
    ProcessIo io =
        ProcessIo.session(
            around.linux(),
            false,
            new Stream(false),
            new Stream(true),
            false,
            around.executor(),
            words -> {});
    TaskProcess process = task.newProcess(name, spec, io, exited -> {});
    try {
      process.start(pid -> {});
    } catch (Exception | Error e) {
      process.close();
      throw e;
    }
    call.whenAborted(() -> around.executor().execute(process::killAll));
    ScheduledFuture<?> timeout = scheduleTimeout(process);
    process
        .exit()
        .whenComplete(
            (exited, failure) -> {
              if (timeout == null || timeout.cancel(false)) {
                drain(process, exited);
              } else {
                // The answer says that all of it is gone, so it must be.
                killed.whenCompleteAsync(
                    (done, nothing) -> finish(process, exited), around.executor());
              }
            });
  }

  private ScheduledFuture<?> scheduleTimeout(TaskProcess process) {
    if (request.getTimeoutMillis() <= 0) {
      return null;
    }
    return around
        .timers()
        .schedule(
            () -> {
              timedOut = true;
              around.executor().execute(() -> kill(process));
            },
            request.getTimeoutMillis(),
            TimeUnit.MILLISECONDS);
  }

  private void kill(TaskProcess process) {
    try {
      process.killAll();
    } finally {
      killed.complete(null);
    }
  }

  /**
   * Survivors of the command may go on writing: they are listened to for as long as the caller
   * allows.
   */
  private void drain(TaskProcess process, Exited exited) {
    CompletableFuture<Void> ended = process.io().outputEnded();
    if (ended.isDone() || request.getDrainMillis() <= 0) {
      finish(process, exited);
      return;
    }
    CompletableFuture<Void> first = new CompletableFuture<>();
    ScheduledFuture<?> limit =
        around
            .timers()
            .schedule(() -> first.complete(null), request.getDrainMillis(), TimeUnit.MILLISECONDS);
    ended.whenComplete((done, failure) -> first.complete(null));
    first.whenCompleteAsync(
        (done, failure) -> {
          limit.cancel(false);
          finish(process, exited);
        },
        around.executor());
  }

  private void finish(TaskProcess process, Exited exited) {
    process.close();
    ExecSyncExit exit =
        ExecSyncExit.newBuilder().setExitStatus(exited.code()).setTimedOut(timedOut).build();
    try {
      call.send(ExecSyncOutput.newBuilder().setExit(exit).build());
      call.finish();
    } catch (IOException e) {
      call.fail(e);
    }
  }

  /**
   * Sends on what one stream brings, up to the limit; the rest is read and dropped so that the
   * command can go on.
   */
  private final class Stream implements OutputSink {
    private final boolean stderr;
    private long left = request.getOutputLimitBytes();

    Stream(boolean stderr) {
      this.stderr = stderr;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      int part = (int) Math.min(left, length);
      if (part == 0) {
        return;
      }
      left -= part;
      ByteString text = ByteString.copyFrom(bytes, offset, part);
      ExecSyncOutput.Builder message = ExecSyncOutput.newBuilder();
      call.send(stderr ? message.setStderr(text).build() : message.setStdout(text).build());
    }

    @Override
    public void close() {}
  }
}
