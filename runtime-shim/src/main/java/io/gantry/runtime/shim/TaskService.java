package io.gantry.runtime.shim;

import static io.gantry.runtime.shim.EventPublisher.timestamp;

import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.gantry.proto.task.v3.CheckpointTaskRequest;
import io.gantry.proto.task.v3.CloseIORequest;
import io.gantry.proto.task.v3.ConnectRequest;
import io.gantry.proto.task.v3.ConnectResponse;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.task.v3.DeleteRequest;
import io.gantry.proto.task.v3.ExecProcessRequest;
import io.gantry.proto.task.v3.KillRequest;
import io.gantry.proto.task.v3.PauseRequest;
import io.gantry.proto.task.v3.PidsRequest;
import io.gantry.proto.task.v3.PidsResponse;
import io.gantry.proto.task.v3.ResizePtyRequest;
import io.gantry.proto.task.v3.ResumeRequest;
import io.gantry.proto.task.v3.ShutdownRequest;
import io.gantry.proto.task.v3.StartRequest;
import io.gantry.proto.task.v3.StateRequest;
import io.gantry.proto.task.v3.StatsRequest;
import io.gantry.proto.task.v3.StatsResponse;
import io.gantry.proto.task.v3.UpdateTaskRequest;
import io.gantry.proto.task.v3.WaitRequest;
import io.gantry.proto.task.v3.WaitResponse;
import io.gantry.proto.tasktypes.ProcessInfo;
import io.gantry.runtime.container.Container;
import io.gantry.runtime.foreign.ForeignContainer;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.oci.OciSpecReader;
import io.gantry.runtime.ttrpc.ServerCall;
import io.gantry.runtime.ttrpc.TtrpcService;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * containerd's Task API. Versions 2 and 3 differ in their package's name only, so that one set of
 * handlers serves both. What changes a container's life is in {@link TaskLife}; here requests are
 * taken apart and answered.
 */
final class TaskService {
  private final Tasks tasks;
  private final TaskLife life;
  private final int shimPid;
  private final Cgroups.Version cgroups;
  private final Runnable shutdown;

  /**
   * @param shutdown ends the process; called after the answer has been sent
   */
  TaskService(Tasks tasks, TaskLife life, int shimPid, Cgroups.Version cgroups, Runnable shutdown) {
    this.tasks = tasks;
    this.life = life;
    this.shimPid = shimPid;
    this.cgroups = cgroups;
    this.shutdown = shutdown;
  }

  List<TtrpcService> versions() {
    Map<String, TtrpcService.Method> methods = new HashMap<>();
    methods.put("Create", unary(CreateTaskRequest.parser(), life::create));
    methods.put("Start", unary(StartRequest.parser(), life::start));
    methods.put("Delete", unary(DeleteRequest.parser(), life::delete));
    methods.put("Exec", unary(ExecProcessRequest.parser(), life::exec));
    methods.put("Kill", unary(KillRequest.parser(), this::kill));
    methods.put("Wait", this::await);
    methods.put("State", unary(StateRequest.parser(), this::state));
    methods.put("Pids", unary(PidsRequest.parser(), this::pids));
    methods.put("Pause", unary(PauseRequest.parser(), this::pause));
    methods.put("Resume", unary(ResumeRequest.parser(), this::resume));
    methods.put("ResizePty", unary(ResizePtyRequest.parser(), this::resizePty));
    methods.put("CloseIO", unary(CloseIORequest.parser(), this::closeIo));
    methods.put("Update", unary(UpdateTaskRequest.parser(), this::update));
    methods.put("Stats", unary(StatsRequest.parser(), this::stats));
    methods.put("Connect", unary(ConnectRequest.parser(), this::connect));
    methods.put("Shutdown", this::shutdown);
    methods.put("Checkpoint", unary(CheckpointTaskRequest.parser(), this::checkpoint));
    return List.of(
        new TtrpcService("containerd.task.v2.Task", methods),
        new TtrpcService("containerd.task.v3.Task", methods));
  }

  /** Answers a request of one kind with what it comes to. */
  @FunctionalInterface
  interface Answer<Q extends MessageLite> {
    MessageLite to(Q request) throws Exception;
  }

  static <Q extends MessageLite> TtrpcService.Method unary(Parser<Q> parser, Answer<Q> answer) {
    return call -> {
      MessageLite result;
      try {
        result = answer.to(call.argument(parser));
      } catch (Exception | OutOfMemoryError e) {
        call.fail(Failures.toStatus(e));
        return;
      }
      call.reply(result);
    };
  }

  private MessageLite kill(KillRequest request) throws Exception {
    Task task = tasks.get(request.getId());
    if (request.getAll() && request.getExecId().isEmpty()) {
      task.container().kill(request.getSignal(), true);
    } else {
      task.process(request.getExecId()).kill(request.getSignal());
    }
    return Empty.getDefaultInstance();
  }

  /** Keeps the call, not the thread, until the process has ended. */
  private void await(ServerCall call) throws Exception {
    WaitRequest request = call.argument(WaitRequest.parser());
    tasks
        .get(request.getId())
        .process(request.getExecId())
        .exit()
        .whenComplete(
            (exited, failure) ->
                call.reply(
                    WaitResponse.newBuilder()
                        .setExitStatus(exited.code())
                        .setExitedAt(timestamp(exited.at()))
                        .build()));
  }

  private MessageLite state(StateRequest request) throws Exception {
    Task task = tasks.get(request.getId());
    return TaskStates.describe(task, request.getExecId());
  }

  private MessageLite pids(PidsRequest request) throws Exception {
    PidsResponse.Builder answer = PidsResponse.newBuilder();
    for (int pid : tasks.get(request.getId()).container().pids()) {
      answer.addProcesses(ProcessInfo.newBuilder().setPid(pid));
    }
    return answer.build();
  }

  private MessageLite pause(PauseRequest request) throws Exception {
    tasks.get(request.getId()).pause();
    return Empty.getDefaultInstance();
  }

  private MessageLite resume(ResumeRequest request) throws Exception {
    tasks.get(request.getId()).resume();
    return Empty.getDefaultInstance();
  }

  private MessageLite checkpoint(CheckpointTaskRequest request) throws Exception {
    tasks.get(request.getId()).checkpoint(Checkpoints.request(request));
    return Empty.getDefaultInstance();
  }

  private MessageLite resizePty(ResizePtyRequest request) throws Exception {
    TaskProcess process = tasks.get(request.getId()).process(request.getExecId());
    if (request.getWidth() > 0 && request.getHeight() > 0) {
      process.io().resize(request.getWidth(), request.getHeight());
    }
    return Empty.getDefaultInstance();
  }

  private MessageLite closeIo(CloseIORequest request) throws Exception {
    TaskProcess process = tasks.get(request.getId()).process(request.getExecId());
    if (request.getStdin()) {
      process.io().closeStdin();
    }
    return Empty.getDefaultInstance();
  }

  private MessageLite update(UpdateTaskRequest request) throws Exception {
    tasks
        .get(request.getId())
        .container()
        .update(OciSpecReader.parseResources(request.getResources().getValue().toByteArray()));
    return Empty.getDefaultInstance();
  }

  private MessageLite stats(StatsRequest request) throws Exception {
    Container container = tasks.get(request.getId()).container();
    if (container instanceof ForeignContainer foreign) {
      Optional<Any> metrics = foreign.metrics();
      if (metrics.isPresent()) {
        return StatsResponse.newBuilder().setStats(metrics.get()).build();
      }
    }
    return StatsResponse.newBuilder().setStats(Metrics.of(container.stats(), cgroups)).build();
  }

  private MessageLite connect(ConnectRequest request) throws Exception {
    ConnectResponse.Builder answer =
        ConnectResponse.newBuilder().setShimPid(shimPid).setVersion(Version.TEXT);
    if (!request.getId().isEmpty()) {
      answer.setTaskPid(tasks.get(request.getId()).init().pid());
    }
    return answer.build();
  }

  private void shutdown(ServerCall call) throws Exception {
    call.argument(ShutdownRequest.parser());
    boolean ends = tasks.isEmpty();
    call.reply(Empty.getDefaultInstance());
    if (ends) {
      shutdown.run();
    }
  }
}
