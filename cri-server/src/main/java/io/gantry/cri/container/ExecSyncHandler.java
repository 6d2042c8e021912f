package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.shims.ExecSyncCommand;
import io.gantry.cri.shims.ExecSyncResult;
import io.gantry.cri.shims.OutputMemory;
import io.gantry.proto.cri.v1.ExecSyncRequest;
import io.gantry.proto.cri.v1.ExecSyncResponse;
import io.gantry.runtime.oci.OciSpecWriter;
import io.grpc.Context;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.IntSupplier;

/** ExecSync. */
public final class ExecSyncHandler implements Handler<ExecSyncRequest, ExecSyncResponse> {
  /** A year: longer ones are for ever, and would not fit other clocks' numbers. */
  private static final long LONGEST_SECONDS = 366L * 24 * 3600;

  private final RunningContainers running;
  private final ExecProcesses processes;
  private final IntSupplier outputLimitBytes;
  private final OutputMemory memory;
  private final CallEnd callEnd;

  /** Knows when the call that the current thread serves is over, its answer sent. */
  interface CallEnd {
    void then(Runnable action);
  }

  /**
   * @param memory holds the outputs of all commands until they are answered
   */
  ExecSyncHandler(
      RunningContainers running,
      ExecProcesses processes,
      IntSupplier outputLimitBytes,
      OutputMemory memory,
      CallEnd callEnd) {
    this.running = running;
    this.processes = processes;
    this.outputLimitBytes = outputLimitBytes;
    this.memory = memory;
    this.callEnd = callEnd;
  }

  /** By gRPC's context, which is cancelled after the last byte, and when the caller is gone. */
  static void whenCallIsOver(Runnable action) {
    Context.current().addListener(context -> action.run(), Runnable::run);
  }

  @Override
  public ExecSyncResponse handle(ExecSyncRequest request) throws Exception {
    if (request.getCmdCount() == 0) {
      throw CriException.invalid("exec in container " + request.getContainerId() + ": no command");
    }
    RunningContainers.Found found = running.get(request.getContainerId());
    OutputMemory.Share share = memory.share();
    callEnd.then(share::close);
    String process =
        OciSpecWriter.toJson(processes.of(found.container(), request.getCmdList(), false));
    ExecSyncResult result =
        found
            .shim()
            .execSync(
                found.container().id(),
                new ExecSyncCommand(
                    process.getBytes(StandardCharsets.UTF_8),
                    timeout(request),
                    outputLimitBytes.getAsInt(),
                    ExecSyncCommand.DEFAULT_DRAIN,
                    share));
    if (result.timedOut()) {
      // Clients turn this code into "the command timed out"; the words are those they know.
      throw new CriException(
          Failure.TIMED_OUT,
          "timeout " + request.getTimeout() + "s exceeded: context deadline exceeded");
    }
    return ExecSyncResponse.newBuilder()
        .setStdout(result.stdout())
        .setStderr(result.stderr())
        .setExitCode(result.exitCode())
        .build();
  }

  /** Zero means no limit; so does less, which no client sends on purpose. */
  private static Optional<Duration> timeout(ExecSyncRequest request) {
    return request.getTimeout() > 0
        ? Optional.of(Duration.ofSeconds(Math.min(request.getTimeout(), LONGEST_SECONDS)))
        : Optional.empty();
  }
}
