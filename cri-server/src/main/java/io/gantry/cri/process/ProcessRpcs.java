package io.gantry.cri.process;

import io.gantry.cri.container.Endings;
import io.gantry.cri.container.Pausing;
import io.gantry.cri.container.RunningContainers;
import io.gantry.cri.container.State;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.session.ContainerStreams;
import io.gantry.cri.spec.StopSignals;
import io.gantry.proto.cri.v1.Signal;
import io.gantry.proto.v1.ContainersGrpc;
import io.gantry.proto.v1.KillRequest;
import io.gantry.proto.v1.KillResponse;
import io.gantry.proto.v1.PauseRequest;
import io.gantry.proto.v1.PauseResponse;
import io.gantry.proto.v1.UnpauseRequest;
import io.gantry.proto.v1.UnpauseResponse;
import io.gantry.proto.v1.WaitRequest;
import io.gantry.proto.v1.WaitResponse;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.time.Instant;
import java.util.Optional;

/** The RPCs of gantry.v1.Containers. Thread-safe. */
public final class ProcessRpcs {
  private static final int SIGKILL = 9;
  private static final long NANOS_PER_SECOND = 1_000_000_000L;

  private final RunningContainers running;
  private final Pausing pausing;
  private final Endings endings;
  private final ContainerStreams streams;

  public ProcessRpcs(
      RunningContainers running, Pausing pausing, Endings endings, ContainerStreams streams) {
    this.running = running;
    this.pausing = pausing;
    this.endings = endings;
    this.streams = streams;
  }

  public void register(RpcService service) {
    service
        .handle(ContainersGrpc.getPauseMethod(), this::pause)
        .handle(ContainersGrpc.getUnpauseMethod(), this::unpause)
        .handle(ContainersGrpc.getKillMethod(), this::kill)
        .handle(ContainersGrpc.getWaitMethod(), this::await)
        .handle(ContainersGrpc.getProcessesMethod(), new ProcessesHandler(running))
        .converse(ContainersGrpc.getExecMethod(), new ExecConversation(streams))
        .converse(ContainersGrpc.getAttachMethod(), new AttachConversation(streams));
  }

  private PauseResponse pause(PauseRequest request) throws IOException, InterruptedException {
    pausing.pause(required("pause", request.getContainerId()));
    return PauseResponse.getDefaultInstance();
  }

  private UnpauseResponse unpause(UnpauseRequest request) throws IOException, InterruptedException {
    pausing.resume(required("unpause", request.getContainerId()));
    return UnpauseResponse.getDefaultInstance();
  }

  private KillResponse kill(KillRequest request) throws IOException {
    String id = required("kill", request.getContainerId());
    Signal signal =
        StopSignals.parse(request.getSignal())
            .orElseThrow(
                () ->
                    CriException.invalid(
                        "kill container %s: \"%s\" is no signal of signal(7)"
                            .formatted(id, request.getSignal())));
    int number = StopSignals.number(signal);
    RunningContainers.Found found = running.get(id);
    try {
      // All of its processes: where their PID namespace is not its own they would outlive the
      // first one, and frozen ones die only when their cgroup is thawed, which this does.
      found.shim().kill(found.container().id(), number, number == SIGKILL);
    } catch (TtrpcException e) {
      if (e.code() == TtrpcCode.NOT_FOUND) {
        throw CriException.wrongState(
            "kill container " + found.container().id() + ": it has ended");
      }
      throw e;
    }
    return KillResponse.getDefaultInstance();
  }

  private WaitResponse await(WaitRequest request) throws InterruptedException {
    State.Exited end = endings.await(required("wait for", request.getContainerId()));
    return WaitResponse.newBuilder()
        .setExitCode(end.exitCode())
        .setFinishedAtNanos(nanos(end.finishedAt()))
        .setReason(end.reason().word())
        .setMessage(end.message())
        .build();
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * NANOS_PER_SECOND + time.getNano();
  }

  static String required(String what, String containerId) {
    return Optional.of(containerId)
        .filter(id -> !id.isEmpty())
        .orElseThrow(() -> CriException.invalid(what + " a container: no container_id"));
  }
}
