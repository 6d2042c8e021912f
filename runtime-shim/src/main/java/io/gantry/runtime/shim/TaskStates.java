package io.gantry.runtime.shim;

import static io.gantry.runtime.shim.EventPublisher.timestamp;

import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.task.v3.ExecProcessRequest;
import io.gantry.proto.task.v3.StateResponse;
import io.gantry.proto.tasktypes.Status;
import io.gantry.runtime.shim.ProcessState.Exited;
import io.gantry.runtime.shim.ProcessState.Running;
import io.gantry.runtime.ttrpc.TtrpcException;

/** Puts the state of a process into the Task API's words. */
final class TaskStates {
  private TaskStates() {}

  static StateResponse describe(Task task, String execId) throws TtrpcException {
    StateResponse.Builder answer =
        StateResponse.newBuilder()
            .setId(task.id())
            .setBundle(task.request().getBundle())
            .setExecId(execId);
    if (execId.isEmpty()) {
      CreateTaskRequest asked = task.request();
      answer.setStdin(asked.getStdin()).setStdout(asked.getStdout()).setStderr(asked.getStderr());
      answer.setTerminal(asked.getTerminal());
    } else {
      ExecProcessRequest asked = task.exec(execId).request();
      answer.setStdin(asked.getStdin()).setStdout(asked.getStdout()).setStderr(asked.getStderr());
      answer.setTerminal(asked.getTerminal());
    }
    TaskProcess process = task.process(execId);
    ProcessState state = process.state();
    answer.setPid(process.pid());
    answer.setStatus(state instanceof Running && task.paused() ? Status.PAUSED : state.status());
    if (state instanceof Exited exited) {
      answer.setExitStatus(exited.code()).setExitedAt(timestamp(exited.at()));
    }
    return answer.build();
  }
}
