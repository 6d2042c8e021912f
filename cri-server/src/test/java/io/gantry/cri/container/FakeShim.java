package io.gantry.cri.container;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.gantry.cri.shims.ExecSyncCommand;
import io.gantry.cri.shims.ExecSyncResult;
import io.gantry.cri.shims.ExitStatus;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.proto.shim.v1.InfoResponse;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.task.v3.CreateTaskResponse;
import io.gantry.proto.task.v3.ExecProcessRequest;
import io.gantry.proto.task.v3.StateResponse;
import io.gantry.proto.tasktypes.Status;
import io.gantry.runtime.ttrpc.TtrpcClient;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** A shim that does as the test says and writes down what it was asked. */
public final class FakeShim implements ShimConnection {
  public static final int PID = 4711;
  public static final Instant EXITED_AT = Instant.parse("2026-01-01T00:01:00Z");

  /** Every call in order, such as "create", "kill 15", "kill 9 all". */
  public final List<String> calls = Collections.synchronizedList(new ArrayList<>());

  /** Signals that end the program, with code 128 + signal. */
  public final Set<Integer> deadly = ConcurrentHashMap.newKeySet();

  /** Runs inside the call of that name. */
  public Hook hook = call -> {};

  public long oomKills;
  public Status status = Status.CREATED;
  public long execOutputBytes;
  public ExecSyncResult execResult =
      new ExecSyncResult(0, false, ByteString.EMPTY, ByteString.EMPTY);
  public CreateTaskRequest created;
  public String lastUpdate;

  private final String address;
  private CompletableFuture<ExitStatus> exit = new CompletableFuture<>();
  private volatile boolean lost;

  /** What a test does in the middle of a call, for example fail it. */
  @FunctionalInterface
  public interface Hook {
    void in(String call) throws TtrpcException;
  }

  public FakeShim(String address) {
    this.address = address;
    deadly.add(9);
  }

  /** The program ends by itself. */
  public void exit(int code) {
    status = Status.STOPPED;
    exit.complete(new ExitStatus(code, EXITED_AT));
  }

  /** The shim dies. */
  public void lose() {
    lost = true;
    CompletableFuture<ExitStatus> broken = exit;
    exit = CompletableFuture.failedFuture(gone());
    broken.completeExceptionally(gone());
  }

  /** Only the connection breaks; the shim is there for the next one. */
  public void disconnect() {
    CompletableFuture<ExitStatus> broken = exit;
    exit = new CompletableFuture<>();
    broken.completeExceptionally(gone());
  }

  public static TtrpcException refuse(String words) {
    return new TtrpcException(TtrpcCode.UNKNOWN, words);
  }

  private static TtrpcException gone() {
    return new TtrpcException(TtrpcCode.UNAVAILABLE, "connection lost");
  }

  private void call(String name) throws TtrpcException {
    if (lost) {
      throw gone();
    }
    calls.add(name);
    hook.in(name);
  }

  @Override
  public String address() {
    return address;
  }

  @Override
  public int shimPid() {
    return 1;
  }

  @Override
  public InfoResponse info() {
    return InfoResponse.getDefaultInstance();
  }

  @Override
  public CreateTaskResponse create(CreateTaskRequest request) throws TtrpcException {
    created = request;
    call("create");
    return CreateTaskResponse.getDefaultInstance();
  }

  @Override
  public int start(String id) throws TtrpcException {
    call("start");
    status = Status.RUNNING;
    return PID;
  }

  @Override
  public void exec(ExecProcessRequest request) throws TtrpcException {
    call("exec");
  }

  @Override
  public int startExec(String id, String execId) throws TtrpcException {
    call("startExec");
    return PID + 1;
  }

  @Override
  public void checkpoint(String id, Path images, Path work, Path criu, Duration limit)
      throws TtrpcException {
    call("checkpoint");
  }

  @Override
  public void kill(String id, int signal, boolean all) throws TtrpcException {
    call("kill " + signal + (all ? " all" : ""));
    if (exit.isDone()) {
      throw new TtrpcException(TtrpcCode.NOT_FOUND, "process already finished");
    }
    if (deadly.contains(signal)) {
      exit(128 + signal);
    }
  }

  @Override
  public void killExec(String id, String execId, int signal) throws TtrpcException {
    call("killExec");
  }

  @Override
  public CompletableFuture<ExitStatus> waitExit(String id) {
    return exit;
  }

  @Override
  public CompletableFuture<ExitStatus> waitExit(String id, String execId) {
    return new CompletableFuture<>();
  }

  @Override
  public StateResponse state(String id) throws TtrpcException {
    call("state");
    return StateResponse.newBuilder().setId(id).setPid(PID).setStatus(status).build();
  }

  @Override
  public StateResponse state(String id, String execId) throws TtrpcException {
    return state(id);
  }

  @Override
  public ExitStatus delete(String id) throws TtrpcException {
    call("delete");
    return exit.getNow(new ExitStatus(0, EXITED_AT));
  }

  @Override
  public ExitStatus delete(String id, String execId) throws TtrpcException {
    return delete(id);
  }

  @Override
  public List<Integer> pids(String id) {
    return List.of(PID);
  }

  @Override
  public void pause(String id) throws TtrpcException {
    call("pause");
  }

  @Override
  public void resume(String id) throws TtrpcException {
    call("resume");
  }

  @Override
  public void update(String id, byte[] resources) throws TtrpcException {
    lastUpdate = new String(resources, java.nio.charset.StandardCharsets.UTF_8);
    call("update");
  }

  @Override
  public Any stats(String id) throws TtrpcException {
    call("stats");
    return Any.getDefaultInstance();
  }

  @Override
  public long oomKills(String id) throws TtrpcException {
    call("oomKills");
    return oomKills;
  }

  @Override
  public void resizePty(String id, String execId, int columns, int rows) {}

  @Override
  public void closeStdin(String id, String execId) {}

  @Override
  public void reopenLog(String id) throws TtrpcException {
    call("reopenLog");
  }

  @Override
  public TtrpcClient openSession() {
    throw new UnsupportedOperationException();
  }

  @Override
  public ExecSyncResult execSync(String id, ExecSyncCommand command) throws TtrpcException {
    call("execSync");
    command.memory().take(execOutputBytes);
    return execResult;
  }

  @Override
  public void shutdown() throws TtrpcException {
    call("shutdown");
  }

  @Override
  public CompletableFuture<Void> closed() {
    return new CompletableFuture<>();
  }

  @Override
  public void close() {
    calls.add("close");
  }
}
