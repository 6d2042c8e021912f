package io.gantry.runtime.foreign;

import com.google.protobuf.Any;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
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
import io.gantry.proto.task.v3.StatsRequest;
import io.gantry.proto.task.v3.StatsResponse;
import io.gantry.proto.task.v3.UpdateTaskRequest;
import io.gantry.proto.task.v3.WaitRequest;
import io.gantry.proto.task.v3.WaitResponse;
import io.gantry.runtime.ttrpc.CallOptions;
import io.gantry.runtime.ttrpc.TtrpcClient;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The Task API of another shim, for one container. The requests of versions 2 and 3 are the same
 * bytes. Thread-safe.
 */
final class ForeignTask implements AutoCloseable {
  private static final Duration LONG = Duration.ofMinutes(2);
  private static final Duration SHORT = Duration.ofSeconds(10);

  private final TtrpcClient client;
  private final String service;
  private final Map<String, String> metadata;
  private final String id;

  private ForeignTask(TtrpcClient client, String service, String namespace, String id) {
    this.client = client;
    this.service = service;
    this.metadata = Map.of("containerd-namespace-ttrpc", namespace);
    this.id = id;
  }

  static ForeignTask connect(ForeignAddress address, String namespace, String id)
      throws IOException {
    return new ForeignTask(TtrpcClient.connect(address.socket()), address.service(), namespace, id);
  }

  void create(CreateTaskRequest request) throws TtrpcException {
    call("Create", request, CreateTaskResponse.parser(), LONG);
  }

  void exec(ExecProcessRequest request) throws TtrpcException {
    call("Exec", request, Empty.parser(), LONG);
  }

  /** The pid; {@code execId} is empty for the first process, here and below. */
  int start(String execId) throws TtrpcException {
    StartRequest request = StartRequest.newBuilder().setId(id).setExecId(execId).build();
    return call("Start", request, StartResponse.parser(), LONG).getPid();
  }

  CompletableFuture<Integer> exit(String execId) {
    WaitRequest request = WaitRequest.newBuilder().setId(id).setExecId(execId).build();
    CallOptions options = new CallOptions(Optional.empty(), metadata);
    return client
        .call(service, "Wait", request, WaitResponse.parser(), options)
        .thenApply(WaitResponse::getExitStatus);
  }

  void kill(String execId, int signal, boolean all) throws TtrpcException {
    KillRequest request =
        KillRequest.newBuilder().setId(id).setExecId(execId).setSignal(signal).setAll(all).build();
    call("Kill", request, Empty.parser(), LONG);
  }

  void delete(String execId) throws TtrpcException {
    DeleteRequest request = DeleteRequest.newBuilder().setId(id).setExecId(execId).build();
    call("Delete", request, DeleteResponse.parser(), LONG);
  }

  PidsResponse pids() throws TtrpcException {
    return call("Pids", PidsRequest.newBuilder().setId(id).build(), PidsResponse.parser(), SHORT);
  }

  void pause() throws TtrpcException {
    call("Pause", PauseRequest.newBuilder().setId(id).build(), Empty.parser(), LONG);
  }

  void resume() throws TtrpcException {
    call("Resume", ResumeRequest.newBuilder().setId(id).build(), Empty.parser(), LONG);
  }

  void update(Any resources) throws TtrpcException {
    UpdateTaskRequest request =
        UpdateTaskRequest.newBuilder().setId(id).setResources(resources).build();
    call("Update", request, Empty.parser(), LONG);
  }

  Any stats() throws TtrpcException {
    StatsRequest request = StatsRequest.newBuilder().setId(id).build();
    return call("Stats", request, StatsResponse.parser(), SHORT).getStats();
  }

  void resize(String execId, int columns, int rows) throws TtrpcException {
    ResizePtyRequest request =
        ResizePtyRequest.newBuilder()
            .setId(id)
            .setExecId(execId)
            .setWidth(columns)
            .setHeight(rows)
            .build();
    call("ResizePty", request, Empty.parser(), SHORT);
  }

  void closeStdin(String execId) throws TtrpcException {
    CloseIORequest request =
        CloseIORequest.newBuilder().setId(id).setExecId(execId).setStdin(true).build();
    call("CloseIO", request, Empty.parser(), SHORT);
  }

  /** Asks the shim to end; it stays while it holds containers, and need not answer when it ends. */
  void shutdown() throws TtrpcException {
    try {
      ShutdownRequest request = ShutdownRequest.newBuilder().setId(id).build();
      call("Shutdown", request, Empty.parser(), SHORT);
    } catch (TtrpcException e) {
      if (e.code() != TtrpcCode.UNAVAILABLE) {
        throw e;
      }
    }
  }

  @Override
  public void close() {
    client.close();
  }

  private <T extends MessageLite> T call(
      String method, MessageLite request, Parser<T> parser, Duration limit) throws TtrpcException {
    CallOptions options = new CallOptions(Optional.of(limit), metadata);
    try {
      return client.call(service, method, request, parser, options).get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TtrpcException(TtrpcCode.CANCELLED, method + ": interrupted", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof TtrpcException failure) {
        throw failure;
      }
      throw new TtrpcException(TtrpcCode.INTERNAL, method + ": " + e.getCause(), e.getCause());
    }
  }
}
