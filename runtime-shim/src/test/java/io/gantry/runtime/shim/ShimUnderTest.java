package io.gantry.runtime.shim;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import com.google.protobuf.Parser;
import io.gantry.proto.shim.v1.ExecSyncExit;
import io.gantry.proto.shim.v1.ExecSyncOutput;
import io.gantry.proto.shim.v1.ExecSyncRequest;
import io.gantry.proto.shim.v1.InfoRequest;
import io.gantry.proto.shim.v1.InfoResponse;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.task.v3.CreateTaskResponse;
import io.gantry.proto.task.v3.DeleteRequest;
import io.gantry.proto.task.v3.DeleteResponse;
import io.gantry.proto.task.v3.ExecProcessRequest;
import io.gantry.proto.task.v3.KillRequest;
import io.gantry.proto.task.v3.ShutdownRequest;
import io.gantry.proto.task.v3.StartRequest;
import io.gantry.proto.task.v3.StartResponse;
import io.gantry.proto.task.v3.StateRequest;
import io.gantry.proto.task.v3.StateResponse;
import io.gantry.proto.task.v3.WaitRequest;
import io.gantry.proto.task.v3.WaitResponse;
import io.gantry.runtime.ttrpc.CallOptions;
import io.gantry.runtime.ttrpc.TtrpcClient;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/** A shim process and a client of it. */
final class ShimUnderTest {
  static final String TASK = "containerd.task.v3.Task";
  static final String EXTENSION = "gantry.shim.v1.ShimExtension";
  private static final CallOptions OPTIONS = CallOptions.within(Duration.ofSeconds(30));

  final Process process;
  final Path socket;
  TtrpcClient client;

  /** What a command run by ExecSync came to. */
  record Ran(String stdout, String stderr, ExecSyncExit exit) {}

  private ShimUnderTest(Process process, Path socket) throws IOException {
    this.process = process;
    this.socket = socket;
    this.client = TtrpcClient.connect(socket);
  }

  /** A shim that somebody else has started. */
  static ShimUnderTest at(Path socket) throws IOException {
    return new ShimUnderTest(null, socket);
  }

  static ShimUnderTest start(Path directory, Optional<Path> events) throws IOException {
    Path socket = directory.resolve("s.sock");
    ProcessBuilder builder =
        new ProcessBuilder(
            ShimCommand.ofThisProcess()
                .server(socket, "test", "test", Optional.of(Duration.ofSeconds(30))));
    builder.redirectInput(new File("/dev/null"));
    builder.redirectError(directory.resolve("shim.log").toFile());
    builder.environment().putAll(ShimCommand.ENVIRONMENT);
    events.ifPresent(path -> builder.environment().put("TTRPC_ADDRESS", path.toString()));
    Process process = builder.start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    if (!ShimCommand.READY.equals(out.readLine())) {
      throw new IOException(java.nio.file.Files.readString(directory.resolve("shim.log")));
    }
    return new ShimUnderTest(process, socket);
  }

  <T extends MessageLite> CompletableFuture<T> async(
      String service, String method, MessageLite request, Parser<T> parser) {
    return client.call(service, method, request, parser, CallOptions.NONE);
  }

  <T extends MessageLite> T call(
      String service, String method, MessageLite request, Parser<T> parser) throws Exception {
    try {
      return client.call(service, method, request, parser, OPTIONS).get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof TtrpcException failure ? failure : e;
    }
  }

  static CreateTaskRequest.Builder createRequest(String id, Path bundle) {
    String log = "gantry-log://" + logOf(bundle);
    return CreateTaskRequest.newBuilder()
        .setId(id)
        .setBundle(bundle.toString())
        .setStdout(log)
        .setStderr(log);
  }

  static Path logOf(Path bundle) {
    return bundle.resolve("log");
  }

  void create(String id, Path bundle) throws Exception {
    create(createRequest(id, bundle).build());
  }

  void create(CreateTaskRequest request) throws Exception {
    call(TASK, "Create", request, CreateTaskResponse.parser());
  }

  int start(String id) throws Exception {
    return startExec(id, "");
  }

  int startExec(String id, String execId) throws Exception {
    StartRequest request = StartRequest.newBuilder().setId(id).setExecId(execId).build();
    return call(TASK, "Start", request, StartResponse.parser()).getPid();
  }

  int run(String id, Path bundle) throws Exception {
    create(id, bundle);
    return start(id);
  }

  CompletableFuture<WaitResponse> exit(String id) {
    return exit(id, "");
  }

  CompletableFuture<WaitResponse> exit(String id, String execId) {
    WaitRequest request = WaitRequest.newBuilder().setId(id).setExecId(execId).build();
    return async(TASK, "Wait", request, WaitResponse.parser());
  }

  int exitCode(String id) throws Exception {
    return exit(id).get(30, TimeUnit.SECONDS).getExitStatus();
  }

  StateResponse state(String id) throws Exception {
    StateRequest request = StateRequest.newBuilder().setId(id).build();
    return call(TASK, "State", request, StateResponse.parser());
  }

  void kill(String id, int signal) throws Exception {
    KillRequest request = KillRequest.newBuilder().setId(id).setSignal(signal).build();
    call(TASK, "Kill", request, Empty.parser());
  }

  void exec(String id, String execId, String script, String stdout) throws Exception {
    Any spec =
        Any.newBuilder()
            .setTypeUrl("types.containerd.io/opencontainers/runtime-spec/1/Process")
            .setValue(ByteString.copyFromUtf8(BusyboxBundle.process(script, false)))
            .build();
    ExecProcessRequest request =
        ExecProcessRequest.newBuilder()
            .setId(id)
            .setExecId(execId)
            .setSpec(spec)
            .setStdout(stdout)
            .setStderr(stdout)
            .build();
    call(TASK, "Exec", request, Empty.parser());
  }

  Ran execSync(String id, String script, Duration timeout, long limitBytes, Duration drain)
      throws Exception {
    ExecSyncRequest request =
        ExecSyncRequest.newBuilder()
            .setId(id)
            .setProcessSpec(ByteString.copyFromUtf8(BusyboxBundle.process(script, false)))
            .setTimeoutMillis(timeout.toMillis())
            .setOutputLimitBytes(limitBytes)
            .setDrainMillis(drain.toMillis())
            .build();
    StringBuilder out = new StringBuilder();
    StringBuilder err = new StringBuilder();
    ExecSyncExit[] exit = new ExecSyncExit[1];
    try {
      client
          .serverStream(
              EXTENSION,
              "ExecSync",
              request,
              ExecSyncOutput.parser(),
              OPTIONS,
              message -> {
                out.append(message.getStdout().toStringUtf8());
                err.append(message.getStderr().toStringUtf8());
                if (message.hasExit()) {
                  exit[0] = message.getExit();
                }
              })
          .get();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof TtrpcException failure ? failure : e;
    }
    return new Ran(out.toString(), err.toString(), exit[0]);
  }

  Ran execSync(String id, String script) throws Exception {
    return execSync(id, script, Duration.ofSeconds(20), 1 << 20, Duration.ofSeconds(2));
  }

  DeleteResponse delete(String id) throws Exception {
    return delete(id, "");
  }

  DeleteResponse delete(String id, String execId) throws Exception {
    DeleteRequest request = DeleteRequest.newBuilder().setId(id).setExecId(execId).build();
    return call(TASK, "Delete", request, DeleteResponse.parser());
  }

  InfoResponse info() throws Exception {
    return call(EXTENSION, "Info", InfoRequest.getDefaultInstance(), InfoResponse.parser());
  }

  void shutdown() throws Exception {
    call(TASK, "Shutdown", ShutdownRequest.getDefaultInstance(), Empty.parser());
  }

  /** As after the death of the daemon: the connection breaks, and another is made. */
  void reconnect() throws IOException {
    client.close();
    client = TtrpcClient.connect(socket);
  }

  /** Ends a shim that holds nothing, and waits until it is gone. */
  void end() throws Exception {
    ProcessHandle handle = ProcessHandle.of(info().getPid()).orElseThrow();
    shutdown();
    handle.onExit().get(20, TimeUnit.SECONDS);
    client.close();
  }

  /** Kills what the test left running and ends the shim. */
  void close() throws Exception {
    try {
      for (String id : info().getContainerIdsList()) {
        try {
          kill(id, 9);
        } catch (TtrpcException e) {
          // It has ended already.
        }
        exitCode(id);
        delete(id);
      }
      shutdown();
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        throw new AssertionError("the shim does not end");
      }
    } finally {
      client.close();
      process.destroyForcibly();
    }
  }
}
