package io.gantry.cri.session;

import com.google.protobuf.ByteString;
import io.gantry.cri.container.ExecProcesses;
import io.gantry.cri.container.RunningContainers;
import io.gantry.cri.streaming.process.AttachTarget;
import io.gantry.cri.streaming.process.ExecCommand;
import io.gantry.cri.streaming.process.ProcessOutput;
import io.gantry.cri.streaming.process.ProcessSession;
import io.gantry.cri.streaming.process.ProcessStreams;
import io.gantry.cri.streaming.process.StreamSet;
import io.gantry.proto.shim.v1.AttachStart;
import io.gantry.proto.shim.v1.ExecStart;
import io.gantry.proto.shim.v1.StreamInput;
import io.gantry.runtime.oci.OciSpecWriter;
import java.io.IOException;
import java.time.Duration;

/** Sessions in running containers. */
public final class ContainerStreams implements ProcessStreams {
  /**
   * How long what a vanished client has left behind may take to clean up, between the hang-up and
   * its being killed.
   */
  static final Duration HANGUP_GRACE = Duration.ofSeconds(5);

  private final RunningContainers running;
  private final ExecProcesses processes;

  public ContainerStreams(RunningContainers running, ExecProcesses processes) {
    this.running = running;
    this.processes = processes;
  }

  @Override
  public String running(String containerId) {
    return running.get(containerId).container().id();
  }

  @Override
  public ProcessSession exec(ExecCommand command, ProcessOutput output)
      throws IOException, InterruptedException {
    RunningContainers.Found found = running.get(command.containerId());
    StreamSet streams = command.streams();
    String process =
        OciSpecWriter.toJson(processes.of(found.container(), command.command(), streams.tty()));
    ExecStart start =
        ExecStart.newBuilder()
            .setId(command.containerId())
            .setProcessSpec(ByteString.copyFromUtf8(process))
            .setStdin(streams.stdin())
            .setStdout(streams.stdout())
            .setStderr(streams.stderr())
            .setHangupGraceMillis(HANGUP_GRACE.toMillis())
            .build();
    return ShimSession.begin(
        "exec in container " + command.containerId(),
        found.shim().openSession(),
        "ExecStream",
        StreamInput.newBuilder().setExec(start).build(),
        output);
  }

  @Override
  public ProcessSession attach(AttachTarget target, ProcessOutput output)
      throws IOException, InterruptedException {
    RunningContainers.Found found = running.get(target.containerId());
    StreamSet streams = target.streams();
    AttachStart start =
        AttachStart.newBuilder()
            .setId(target.containerId())
            .setStdin(streams.stdin())
            .setStdout(streams.stdout())
            .setStderr(streams.stderr())
            .build();
    return ShimSession.begin(
        "attach to container " + target.containerId(),
        found.shim().openSession(),
        "AttachStream",
        StreamInput.newBuilder().setAttach(start).build(),
        output);
  }
}
