package io.gantry.runtime.shim;

import static io.gantry.runtime.shim.EventPublisher.timestamp;

import com.google.protobuf.Empty;
import com.google.protobuf.MessageLite;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.task.v3.CreateTaskResponse;
import io.gantry.proto.task.v3.DeleteRequest;
import io.gantry.proto.task.v3.DeleteResponse;
import io.gantry.proto.task.v3.ExecProcessRequest;
import io.gantry.proto.task.v3.StartRequest;
import io.gantry.proto.task.v3.StartResponse;
import io.gantry.runtime.shim.ProcessState.Created;
import io.gantry.runtime.shim.ProcessState.Exited;

/**
 * The calls that move a container through its life. The order of the events they cause is part of
 * containerd's contract: create, start, exit, delete; an exec's are added, started, exit.
 */
final class TaskLife {
  private static final int SIGKILL = 9;

  private final Tasks tasks;

  TaskLife(Tasks tasks) {
    this.tasks = tasks;
  }

  MessageLite create(CreateTaskRequest request) throws Exception {
    tasks.create(request);
    // There is no process before Start: the launch makes it in one go (pid 0 says so).
    return CreateTaskResponse.getDefaultInstance();
  }

  MessageLite start(StartRequest request) throws Exception {
    Task task = tasks.get(request.getId());
    String execId = request.getExecId();
    int pid =
        execId.isEmpty()
            ? task.init().start(task.events()::started)
            : task.exec(execId)
                .process()
                .start(started -> task.events().execStarted(execId, started));
    return StartResponse.newBuilder().setPid(pid).build();
  }

  MessageLite exec(ExecProcessRequest request) throws Exception {
    tasks.get(request.getId()).addExec(request);
    return Empty.getDefaultInstance();
  }

  MessageLite delete(DeleteRequest request) throws Exception {
    Task task = tasks.get(request.getId());
    String execId = request.getExecId();
    TaskProcess process = task.process(execId);
    if (process.state() instanceof Created) {
      // Never started: nothing to kill, but who waits for it must hear of its end.
      process.kill(SIGKILL);
    }
    if (!(process.state() instanceof Exited exited)) {
      throw Failures.wrongState("delete " + process.name() + ": it " + process.state().words());
    }
    if (execId.isEmpty()) {
      task.delete();
      tasks.remove(task);
      task.events().deleted(exited);
    } else {
      process.close();
      task.removeExec(execId);
    }
    return DeleteResponse.newBuilder()
        .setPid(exited.pid())
        .setExitStatus(exited.code())
        .setExitedAt(timestamp(exited.at()))
        .build();
  }
}
