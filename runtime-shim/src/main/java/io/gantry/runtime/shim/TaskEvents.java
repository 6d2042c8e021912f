package io.gantry.runtime.shim;

import static io.gantry.runtime.shim.EventPublisher.timestamp;

import com.google.protobuf.MessageLite;
import io.gantry.proto.events.TaskCheckpointed;
import io.gantry.proto.events.TaskCreate;
import io.gantry.proto.events.TaskDelete;
import io.gantry.proto.events.TaskExecAdded;
import io.gantry.proto.events.TaskExecStarted;
import io.gantry.proto.events.TaskExit;
import io.gantry.proto.events.TaskIO;
import io.gantry.proto.events.TaskOOM;
import io.gantry.proto.events.TaskPaused;
import io.gantry.proto.events.TaskResumed;
import io.gantry.proto.events.TaskStart;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.runtime.shim.ProcessState.Exited;

/** Puts what happens to one container into containerd's events. */
final class TaskEvents {
  private final EventPublisher publisher;
  private final String id;

  TaskEvents(EventPublisher publisher, String id) {
    this.publisher = publisher;
    this.id = id;
  }

  void created(CreateTaskRequest request) {
    TaskIO io =
        TaskIO.newBuilder()
            .setStdin(request.getStdin())
            .setStdout(request.getStdout())
            .setStderr(request.getStderr())
            .setTerminal(request.getTerminal())
            .build();
    TaskCreate event =
        TaskCreate.newBuilder()
            .setContainerId(id)
            .setBundle(request.getBundle())
            .addAllRootfs(request.getRootfsList())
            .setIo(io)
            .build();
    publish("create", "TaskCreate", event);
  }

  void started(int pid) {
    publish("start", "TaskStart", TaskStart.newBuilder().setContainerId(id).setPid(pid).build());
  }

  void oom() {
    publish("oom", "TaskOOM", TaskOOM.newBuilder().setContainerId(id).build());
  }

  /**
   * @param processId the container's id for its first process, else the exec's
   */
  void exited(String processId, Exited exited) {
    TaskExit event =
        TaskExit.newBuilder()
            .setContainerId(id)
            .setId(processId)
            .setPid(exited.pid())
            .setExitStatus(exited.code())
            .setExitedAt(timestamp(exited.at()))
            .build();
    publish("exit", "TaskExit", event);
  }

  void deleted(Exited exited) {
    TaskDelete event =
        TaskDelete.newBuilder()
            .setContainerId(id)
            .setPid(exited.pid())
            .setExitStatus(exited.code())
            .setExitedAt(timestamp(exited.at()))
            .build();
    publish("delete", "TaskDelete", event);
  }

  void execAdded(String execId) {
    publish(
        "exec-added",
        "TaskExecAdded",
        TaskExecAdded.newBuilder().setContainerId(id).setExecId(execId).build());
  }

  void execStarted(String execId, int pid) {
    TaskExecStarted event =
        TaskExecStarted.newBuilder().setContainerId(id).setExecId(execId).setPid(pid).build();
    publish("exec-started", "TaskExecStarted", event);
  }

  void paused() {
    publish("paused", "TaskPaused", TaskPaused.newBuilder().setContainerId(id).build());
  }

  void resumed() {
    publish("resumed", "TaskResumed", TaskResumed.newBuilder().setContainerId(id).build());
  }

  void checkpointed(String path) {
    TaskCheckpointed event =
        TaskCheckpointed.newBuilder().setContainerId(id).setCheckpoint(path).build();
    publish("checkpointed", "TaskCheckpointed", event);
  }

  private void publish(String topic, String message, MessageLite event) {
    publisher.publish("/tasks/" + topic, "containerd.events." + message, event);
  }
}
