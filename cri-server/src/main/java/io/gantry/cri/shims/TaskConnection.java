package io.gantry.cri.shims;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import com.google.protobuf.Timestamp;
import io.gantry.proto.shim.v1.CriuOptions;
import io.gantry.proto.shim.v1.ExecSyncOutput;
import io.gantry.proto.shim.v1.ExecSyncRequest;
import io.gantry.proto.shim.v1.InfoRequest;
import io.gantry.proto.shim.v1.InfoResponse;
import io.gantry.proto.shim.v1.ReopenLogRequest;
import io.gantry.proto.task.v3.CheckpointTaskRequest;
import io.gantry.proto.task.v3.CloseIORequest;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.task.v3.CreateTaskResponse;
import io.gantry.proto.task.v3.DeleteRequest;
import io.gantry.proto.task.v3.DeleteResponse;
import io.gantry.proto.task.v3.ExecProcessRequest;
import io.gantry.proto.task.v3.KillRequest;
import io.gantry.proto.task.v3.PauseRequest;
import io.gantry.proto.task.v3.PidsRequest;
import io.gantry.proto.task.v3.PidsResponse;
import io.gantry.proto.task.v3.ResizePtyRequest;
import io.gantry.proto.task.v3.ResumeRequest;
import io.gantry.proto.task.v3.ShutdownRequest;
import io.gantry.proto.task.v3.StartRequest;
import io.gantry.proto.task.v3.StartResponse;
import io.gantry.proto.task.v3.StateRequest;
import io.gantry.proto.task.v3.StateResponse;
import io.gantry.proto.task.v3.StatsRequest;
import io.gantry.proto.task.v3.StatsResponse;
import io.gantry.proto.task.v3.UpdateTaskRequest;
import io.gantry.proto.task.v3.WaitRequest;
import io.gantry.proto.task.v3.WaitResponse;
import io.gantry.proto.tasktypes.ProcessInfo;
import io.gantry.runtime.ttrpc.CallOptions;
import io.gantry.runtime.ttrpc.TtrpcClient;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Turns {@link ShimConnection}'s methods into calls of the Task service and of gantry's extension
 * to it.
 */
final class TaskConnection implements ShimConnection {
  private static final String TASK = "containerd.task.v3.Task";
  private static final String EXTENSION = "gantry.shim.v1.ShimExtension";
  private static final String SCHEME = "unix://";
  // What sets up or tears down may wait for the kernel, for hooks, for a slow disk; the kubelet
  // itself gives up after two minutes.
  private static final CallOptions LONG = CallOptions.within(Duration.ofMinutes(2));
  private static final CallOptions SHORT = CallOptions.within(Duration.ofSeconds(10));
  private static final Duration ANSWER_MARGIN = Duration.ofSeconds(10);
  private static final int SHUTDOWN_SECONDS = 3;
  private static final String RESOURCES_TYPE =
      "types.containerd.io/opencontainers/runtime-spec/1/LinuxResources";

  private static final String CRIU_TYPE = "gantry.shim.v1.CriuOptions";

  private final TtrpcClient client;
  private final Path socket;
  private final int pid;
  private final Optional<Membership> membership;
  private final Optional<Any> createOptions;

  /** The container that this connection is for, in the group that shares the shim. */
  private record Membership(ShimGroup group, String containerId) {}

  private TaskConnection(
      TtrpcClient client,
      Path socket,
      int pid,
      Optional<Membership> membership,
      Optional<Any> createOptions) {
    this.client = client;
    this.socket = socket;
    this.pid = pid;
    this.membership = membership;
    this.createOptions = createOptions;
  }

  /** This connection as one of a container in a group. */
  TaskConnection in(ShimGroup group, String containerId) {
    return new TaskConnection(
        client, socket, pid, Optional.of(new Membership(group, containerId)), createOptions);
  }

  /** This connection as one that adds options to the container it creates. */
  TaskConnection creatingWith(Any options) {
    return new TaskConnection(client, socket, pid, membership, Optional.of(options));
  }

  /** Takes over a client just connected; asks the shim who it is. */
  static TaskConnection over(TtrpcClient client, Path socket) throws IOException {
    try {
      InfoResponse info =
          get(
              client.call(
                  EXTENSION,
                  "Info",
                  InfoRequest.getDefaultInstance(),
                  InfoResponse.parser(),
                  SHORT));
      return new TaskConnection(client, socket, info.getPid(), Optional.empty(), Optional.empty());
    } catch (IOException e) {
      client.close();
      throw e;
    }
  }

  /** The socket's path of an address. */
  static Path socketOf(String address) throws IOException {
    if (!address.startsWith(SCHEME)) {
      throw new IOException("shim address " + address + ": only unix:// is known");
    }
    return Path.of(address.substring(SCHEME.length()));
  }

  @Override
  public String address() {
    return SCHEME + socket;
  }

  Path socket() {
    return socket;
  }

  @Override
  public int shimPid() {
    return pid;
  }

  @Override
  public InfoResponse info() throws TtrpcException {
    return call(EXTENSION, "Info", InfoRequest.getDefaultInstance(), InfoResponse.parser(), SHORT);
  }

  @Override
  public CreateTaskResponse create(CreateTaskRequest request) throws TtrpcException {
    CreateTaskRequest whole =
        createOptions.isEmpty()
            ? request
            : request.toBuilder().setOptions(createOptions.get()).build();
    return task("Create", whole, CreateTaskResponse.parser(), LONG);
  }

  @Override
  public int start(String id) throws TtrpcException {
    return startExec(id, "");
  }

  @Override
  public void exec(ExecProcessRequest request) throws TtrpcException {
    task("Exec", request, Empty.parser(), LONG);
  }

  @Override
  public int startExec(String id, String execId) throws TtrpcException {
    StartRequest request = StartRequest.newBuilder().setId(id).setExecId(execId).build();
    return task("Start", request, StartResponse.parser(), LONG).getPid();
  }

  @Override
  public void kill(String id, int signal, boolean all) throws TtrpcException {
    KillRequest request = KillRequest.newBuilder().setId(id).setSignal(signal).setAll(all).build();
    task("Kill", request, Empty.parser(), LONG);
  }

  @Override
  public void killExec(String id, String execId, int signal) throws TtrpcException {
    KillRequest request =
        KillRequest.newBuilder().setId(id).setExecId(execId).setSignal(signal).build();
    task("Kill", request, Empty.parser(), LONG);
  }

  @Override
  public CompletableFuture<ExitStatus> waitExit(String id) {
    return waitExit(id, "");
  }

  @Override
  public CompletableFuture<ExitStatus> waitExit(String id, String execId) {
    WaitRequest request = WaitRequest.newBuilder().setId(id).setExecId(execId).build();
    return client
        .call(TASK, "Wait", request, WaitResponse.parser(), CallOptions.NONE)
        .thenApply(answer -> new ExitStatus(answer.getExitStatus(), instant(answer.getExitedAt())));
  }

  @Override
  public StateResponse state(String id) throws TtrpcException {
    return state(id, "");
  }

  @Override
  public StateResponse state(String id, String execId) throws TtrpcException {
    StateRequest request = StateRequest.newBuilder().setId(id).setExecId(execId).build();
    return task("State", request, StateResponse.parser(), SHORT);
  }

  @Override
  public ExitStatus delete(String id) throws TtrpcException {
    return delete(id, "");
  }

  @Override
  public ExitStatus delete(String id, String execId) throws TtrpcException {
    DeleteRequest request = DeleteRequest.newBuilder().setId(id).setExecId(execId).build();
    DeleteResponse answer = task("Delete", request, DeleteResponse.parser(), LONG);
    return new ExitStatus(answer.getExitStatus(), instant(answer.getExitedAt()));
  }

  @Override
  public List<Integer> pids(String id) throws TtrpcException {
    PidsRequest request = PidsRequest.newBuilder().setId(id).build();
    return task("Pids", request, PidsResponse.parser(), SHORT).getProcessesList().stream()
        .map(ProcessInfo::getPid)
        .toList();
  }

  @Override
  public void pause(String id) throws TtrpcException {
    task("Pause", PauseRequest.newBuilder().setId(id).build(), Empty.parser(), LONG);
  }

  @Override
  public void resume(String id) throws TtrpcException {
    task("Resume", ResumeRequest.newBuilder().setId(id).build(), Empty.parser(), LONG);
  }

  @Override
  public void checkpoint(String id, Path images, Path work, Path criu, Duration limit)
      throws TtrpcException {
    CriuOptions options =
        CriuOptions.newBuilder()
            .setProgram(criu.toString())
            .setTimeoutMillis(Math.max(1, limit.toMillis()))
            .setWorkPath(work.toString())
            .build();
    CheckpointTaskRequest request =
        CheckpointTaskRequest.newBuilder()
            .setId(id)
            .setPath(images.toString())
            .setOptions(
                Any.newBuilder().setTypeUrl(CRIU_TYPE).setValue(options.toByteString()).build())
            .build();
    // The shim keeps the time; the margin is for a shim that does not answer at all.
    task("Checkpoint", request, Empty.parser(), CallOptions.within(limit.plus(ANSWER_MARGIN)));
  }

  @Override
  public void update(String id, byte[] resources) throws TtrpcException {
    Any json =
        Any.newBuilder()
            .setTypeUrl(RESOURCES_TYPE)
            .setValue(ByteString.copyFrom(resources))
            .build();
    task(
        "Update",
        UpdateTaskRequest.newBuilder().setId(id).setResources(json).build(),
        Empty.parser(),
        LONG);
  }

  @Override
  public Any stats(String id) throws TtrpcException {
    return task("Stats", StatsRequest.newBuilder().setId(id).build(), StatsResponse.parser(), SHORT)
        .getStats();
  }

  @Override
  public long oomKills(String id) throws TtrpcException {
    Any stats = stats(id);
    try {
      return switch (stats.getTypeUrl()) {
        case "io.containerd.cgroups.v1.Metrics" ->
            io.gantry.proto.cgroups.v1.Metrics.parseFrom(stats.getValue())
                .getMemoryOomControl()
                .getOomKill();
        case "io.containerd.cgroups.v2.Metrics" ->
            io.gantry.proto.cgroups.v2.Metrics.parseFrom(stats.getValue())
                .getMemoryEvents()
                .getOomKill();
        default ->
            throw new TtrpcException(
                TtrpcCode.INTERNAL, "stats of " + id + ": unknown type " + stats.getTypeUrl());
      };
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new TtrpcException(TtrpcCode.INTERNAL, "stats of " + id + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void resizePty(String id, String execId, int columns, int rows) throws TtrpcException {
    ResizePtyRequest request =
        ResizePtyRequest.newBuilder()
            .setId(id)
            .setExecId(execId)
            .setWidth(columns)
            .setHeight(rows)
            .build();
    task("ResizePty", request, Empty.parser(), SHORT);
  }

  @Override
  public void closeStdin(String id, String execId) throws TtrpcException {
    CloseIORequest request =
        CloseIORequest.newBuilder().setId(id).setExecId(execId).setStdin(true).build();
    task("CloseIO", request, Empty.parser(), SHORT);
  }

  @Override
  public void reopenLog(String id) throws TtrpcException {
    call(
        EXTENSION,
        "ReopenLog",
        ReopenLogRequest.newBuilder().setId(id).build(),
        Empty.parser(),
        SHORT);
  }

  @Override
  public ExecSyncResult execSync(String id, ExecSyncCommand command) throws TtrpcException {
    ExecSyncRequest request =
        ExecSyncRequest.newBuilder()
            .setId(id)
            .setProcessSpec(ByteString.copyFrom(command.processSpec()))
            .setTimeoutMillis(command.timeout().map(Duration::toMillis).orElse(0L))
            .setOutputLimitBytes(command.outputLimitBytes())
            .setDrainMillis(command.drain().toMillis())
            .build();
    // The shim keeps the command's time; the margin is for a shim that does not answer at all.
    CallOptions options =
        command
            .timeout()
            .map(timeout -> CallOptions.within(timeout.plus(command.drain()).plus(ANSWER_MARGIN)))
            .orElse(CallOptions.NONE);
    ExecSyncCollector output = new ExecSyncCollector(command.memory());
    get(
        client.serverStream(
            EXTENSION, "ExecSync", request, ExecSyncOutput.parser(), options, output));
    return output.result();
  }

  @Override
  public TtrpcClient openSession() throws IOException {
    return TtrpcClient.connect(socket);
  }

  @Override
  public void shutdown() throws TtrpcException {
    if (membership.isPresent()) {
      membership.get().group().leave(membership.get().containerId(), socket, this::end);
    } else {
      end();
    }
  }

  private void end() throws TtrpcException {
    try {
      task("Shutdown", ShutdownRequest.getDefaultInstance(), Empty.parser(), SHORT);
      client.closed().get(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    } catch (TtrpcException e) {
      if (e.code() != TtrpcCode.UNAVAILABLE) {
        throw e;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TtrpcException(TtrpcCode.CANCELLED, "shut down shim " + pid + ": interrupted", e);
    } catch (ExecutionException | TimeoutException e) {
      throw new TtrpcException(
          TtrpcCode.FAILED_PRECONDITION,
          "shut down shim " + pid + ": it stays, so it holds a container",
          e);
    }
  }

  @Override
  public CompletableFuture<Void> closed() {
    return client.closed();
  }

  @Override
  public void close() {
    client.close();
  }

  private <T extends MessageLite> T task(
      String method, MessageLite request, Parser<T> parser, CallOptions options)
      throws TtrpcException {
    return call(TASK, method, request, parser, options);
  }

  private <T extends MessageLite> T call(
      String service, String method, MessageLite request, Parser<T> parser, CallOptions options)
      throws TtrpcException {
    return get(client.call(service, method, request, parser, options));
  }

  private static <T> T get(CompletableFuture<T> answer) throws TtrpcException {
    try {
      return answer.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TtrpcException(TtrpcCode.CANCELLED, "interrupted while waiting for a shim", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TtrpcException failure) {
        throw failure;
      }
      throw new TtrpcException(TtrpcCode.INTERNAL, "shim's answer: " + e.getCause(), e.getCause());
    }
  }

  private static Instant instant(Timestamp time) {
    return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
  }
}
