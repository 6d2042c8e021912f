package io.gantry.cri.session;

import com.google.protobuf.ByteString;
import io.gantry.cri.container.ExecProcesses;
import io.gantry.cri.container.RunningContainers;
import io.gantry.cri.spec.FurtherProcess;
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

  /**
   * A session that has begun.
   *
   * @param pid of the process, as the host sees it; 0 for a container that was not started yet
   */
  public record Begun(int pid, ProcessSession session) {}

  @Override
  public ProcessSession exec(ExecCommand command, ProcessOutput output)
      throws IOException, InterruptedException {
    StreamSet streams = command.streams();
    return exec(
            command.containerId(),
            FurtherProcess.like(command.command(), streams.tty()),
            new WantedStreams(streams.stdin(), streams.stdout(), streams.stderr()),
            false,
            output)
        .session();
  }

  /**
   * Starts a process; it has started when this returns, output may come before that.
   *
   * @param detached whether it runs on when the session is closed
   * @throws io.gantry.cri.grpc.CriException NOT_FOUND, or WRONG_STATE if the container does not run
   * @throws IOException saying why there is no process
   */
  public Begun exec(
      String containerId,
      FurtherProcess asked,
      WantedStreams streams,
      boolean detached,
      ProcessOutput output)
      throws IOException, InterruptedException {
    RunningContainers.Found found = running.get(containerId);
    String process = OciSpecWriter.toJson(processes.of(found.container(), asked));
    ExecStart start =
        ExecStart.newBuilder()
            .setId(found.container().id())
            .setProcessSpec(ByteString.copyFromUtf8(process))
            .setStdin(streams.stdin())
            .setStdout(streams.stdout())
            .setStderr(streams.stderr())
            .setHangupGraceMillis(HANGUP_GRACE.toMillis())
            .setDetached(detached)
            .build();
    return begun(
        ShimSession.begin(
            "exec in container " + found.container().id(),
            found.shim().openSession(),
            "ExecStream",
            StreamInput.newBuilder().setExec(start).build(),
            output));
  }

  private static Begun begun(ShimSession session) {
    return new Begun(session.pid(), session);
  }

  @Override
  public ProcessSession attach(AttachTarget target, ProcessOutput output)
      throws IOException, InterruptedException {
    StreamSet streams = target.streams();
    return attach(
            running.get(target.containerId()),
            new WantedStreams(streams.stdin(), streams.stdout(), streams.stderr()),
            output)
        .session();
  }

  /**
   * Connects to the first process of a container that runs, or will. Who is connected before it
   * starts misses nothing: its output waits for being read.
   *
   * @throws io.gantry.cri.grpc.CriException NOT_FOUND, or WRONG_STATE if the container has ended
   * @throws IOException saying why not
   */
  public Begun attachAlways(String containerId, WantedStreams streams, ProcessOutput output)
      throws IOException, InterruptedException {
    return attach(running.getAlive(containerId), streams, output);
  }

  private static Begun attach(
      RunningContainers.Found found, WantedStreams streams, ProcessOutput output)
      throws IOException, InterruptedException {
    AttachStart start =
        AttachStart.newBuilder()
            .setId(found.container().id())
            .setStdin(streams.stdin())
            .setStdout(streams.stdout())
            .setStderr(streams.stderr())
            .build();
    return begun(
        ShimSession.begin(
            "attach to container " + found.container().id(),
            found.shim().openSession(),
            "AttachStream",
            StreamInput.newBuilder().setAttach(start).build(),
            output));
  }
}
