package io.gantry.runtime.foreign;

import io.gantry.runtime.container.ContainerException;
import io.gantry.runtime.container.StartedProcess;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Processes;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/** A process that another shim has started. Thread-safe. */
final class ForeignProcess implements StartedProcess.Distant {
  private final ForeignTask task;
  private final String execId;
  private final int pid;
  private final Processes processes;
  private final Consumer<String> report;
  private final CompletableFuture<Integer> exit;

  /**
   * @param execId empty for the container's first process
   * @param exit what the shim says of its end, or 255 when the shim is gone
   */
  ForeignProcess(
      ForeignTask task,
      String execId,
      int pid,
      CompletableFuture<Integer> exit,
      Processes processes,
      Consumer<String> report) {
    this.task = task;
    this.execId = execId;
    this.pid = pid;
    this.exit = exit;
    this.processes = processes;
    this.report = report;
  }

  @Override
  public int pid() {
    return pid;
  }

  @Override
  public CompletableFuture<Integer> exit() {
    return exit;
  }

  @Override
  public void signal(int signal) throws ContainerException {
    try {
      task.kill(execId, signal, false);
    } catch (TtrpcException e) {
      throw ForeignFailure.of("send signal " + signal, e);
    }
  }

  @Override
  public void signalGroup(int signal) throws ContainerException {
    if (exit.isDone()) {
      return;
    }
    // The shim's own kill reaches the process alone. OCI runtimes start what they execute as the
    // leader of a session, and so of a group.
    if (pid > 1) {
      try {
        processes.kill(-pid, signal);
        return;
      } catch (LinuxException e) {
        if (e.errno() != Errno.ESRCH) {
          throw ForeignFailure.of("signal process group " + pid, e);
        }
      }
    }
    try {
      task.kill(execId, signal, false);
    } catch (TtrpcException e) {
      ContainerException failure = ForeignFailure.of("signal process " + pid, e);
      if (failure.kind() != ContainerException.Kind.GONE) {
        throw failure;
      }
    }
  }

  @Override
  public void resize(int columns, int rows) throws ContainerException {
    try {
      task.resize(execId, columns, rows);
    } catch (TtrpcException e) {
      throw ForeignFailure.of("resize the terminal", e);
    }
  }

  @Override
  public void closeStdin() throws ContainerException {
    try {
      task.closeStdin(execId);
    } catch (TtrpcException e) {
      throw ForeignFailure.of("close stdin", e);
    }
  }

  /** The container's own goes with the container. */
  @Override
  public void close() {
    if (execId.isEmpty()) {
      return;
    }
    try {
      task.delete(execId);
    } catch (TtrpcException e) {
      report.accept("forget process " + execId + ": " + e.getMessage());
    }
  }
}
