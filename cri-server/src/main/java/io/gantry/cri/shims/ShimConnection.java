package io.gantry.cri.shims;

import com.google.protobuf.Any;
import io.gantry.proto.shim.v1.InfoResponse;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.task.v3.CreateTaskResponse;
import io.gantry.proto.task.v3.ExecProcessRequest;
import io.gantry.proto.task.v3.StateResponse;
import io.gantry.runtime.ttrpc.TtrpcClient;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * A living shim process and the connection to it. Thread-safe; calls run in parallel and block
 * their caller unless they return a future. {@code id} is the container's id; {@code execId} names
 * a further process in it.
 *
 * <p>Every call throws {@link TtrpcException} with the shim's code; UNAVAILABLE means that the
 * connection is lost. Futures fail with the same and must not be waited for on the thread that
 * completes them.
 */
public interface ShimConnection extends AutoCloseable {
  /**
   * {@code unix:///path/of/the.sock}: kept in the container's record, it finds the shim again after
   * a restart.
   */
  String address();

  /**
   * Process id of the shim; never one that another process has taken over while this connection is
   * open.
   */
  int shimPid();

  /** What the shim holds. */
  InfoResponse info() throws TtrpcException;

  /** Prepares the container: mounts, cgroup, launch plan. Nothing of it stays when this fails. */
  CreateTaskResponse create(CreateTaskRequest request) throws TtrpcException;

  /** Starts the container's process; its pid as the host sees it. */
  int start(String id) throws TtrpcException;

  /** Prepares a further process in a running container. */
  void exec(ExecProcessRequest request) throws TtrpcException;

  /** Starts a process that {@link #exec} prepared. */
  int startExec(String id, String execId) throws TtrpcException;

  /**
   * Sends a signal to the container's first process, or to all its processes. NOT_FOUND when it has
   * ended already.
   */
  void kill(String id, int signal, boolean all) throws TtrpcException;

  void killExec(String id, String execId, int signal) throws TtrpcException;

  /**
   * Completes when the container's first process has ended and its output has been written. Asking
   * again, also after a reconnect, gives the same answer until {@link #delete}.
   */
  CompletableFuture<ExitStatus> waitExit(String id);

  CompletableFuture<ExitStatus> waitExit(String id, String execId);

  StateResponse state(String id) throws TtrpcException;

  StateResponse state(String id, String execId) throws TtrpcException;

  /**
   * Frees everything of a container that has ended or never started: what is left of its processes,
   * mounts, cgroup. The exit status is that of its first process.
   */
  ExitStatus delete(String id) throws TtrpcException;

  ExitStatus delete(String id, String execId) throws TtrpcException;

  /** Host pids of every process in the container. */
  List<Integer> pids(String id) throws TtrpcException;

  void pause(String id) throws TtrpcException;

  void resume(String id) throws TtrpcException;

  /**
   * Saves the processes of a container, paused or not, which go on as before.
   *
   * @param images an empty directory, to be filled
   * @param work a directory for CRIU's log
   * @throws TtrpcException FAILED_PRECONDITION if CRIU cannot be run, or cannot save this container
   */
  void checkpoint(String id, Path images, Path work, Path criu, Duration limit)
      throws TtrpcException;

  /**
   * @param resources the OCI {@code linux.resources} object as JSON (UTF-8)
   */
  void update(String id, byte[] resources) throws TtrpcException;

  /** {@code io.containerd.cgroups.v1.Metrics} or {@code io.containerd.cgroups.v2.Metrics}. */
  Any stats(String id) throws TtrpcException;

  /**
   * How many processes of the container the kernel has killed for want of memory; to be asked
   * before {@link #delete}, which removes the counter.
   */
  long oomKills(String id) throws TtrpcException;

  void resizePty(String id, String execId, int columns, int rows) throws TtrpcException;

  void closeStdin(String id, String execId) throws TtrpcException;

  /** Opens the container's log file anew at the same path, after rotation. */
  void reopenLog(String id) throws TtrpcException;

  /**
   * Runs a command to its end. When this connection is lost meanwhile, the shim kills the command.
   */
  ExecSyncResult execSync(String id, ExecSyncCommand command) throws TtrpcException;

  /**
   * One more connection to the same shim, for a session whose client may be slow: what is not read
   * there holds up nothing else. The caller's to close.
   *
   * @throws IOException when the shim is gone
   */
  TtrpcClient openSession() throws IOException;

  /**
   * Asks the shim to end. It stays while it holds a container; losing the connection during this
   * call is success.
   */
  void shutdown() throws TtrpcException;

  /** Completes when the connection is gone: the shim died, ended, or {@link #close} was called. */
  CompletableFuture<Void> closed();

  /** Leaves the shim running and forgets it. */
  @Override
  void close();
}
