package io.gantry.runtime.shim;

import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.task.v3.ExecProcessRequest;
import io.gantry.runtime.container.CheckpointRequest;
import io.gantry.runtime.container.Container;
import io.gantry.runtime.container.ContainerException;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciSpecReader;
import io.gantry.runtime.shim.ProcessState.Exited;
import io.gantry.runtime.shim.ProcessState.Running;
import io.gantry.runtime.stdio.ProcessIo;
import io.gantry.runtime.stdio.StdioRequest;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One container with its first process and the processes executed in it. Thread-safe. */
final class Task {
  private final CreateTaskRequest request;
  private final Container container;
  private final TaskProcess init;
  private final Surroundings around;
  private final TaskEvents events;
  private final Map<String, Exec> execs = new HashMap<>(); // guarded by itself
  private volatile boolean paused;

  /**
   * A process executed in the container.
   *
   * @param request as it came, for State to give back
   */
  record Exec(ExecProcessRequest request, TaskProcess process) {}

  /**
   * @param io the first process's streams, owned
   */
  Task(CreateTaskRequest request, Container container, ProcessIo io, Surroundings around)
      throws IOException {
    this.request = request;
    this.container = container;
    this.around = around;
    this.events = new TaskEvents(around.events(), request.getId());
    leaveTerminal(io);
    this.init =
        new TaskProcess(
            "container " + request.getId(), container::start, io, around, this::initExited);
  }

  private void initExited(Exited exited) {
    try {
      if (container.oomKills() > 0) {
        events.oom();
      }
    } catch (ContainerException e) {
      around.report().accept("read OOM kills of container " + id() + ": " + e.getMessage());
    }
    events.exited(id(), exited);
  }

  TaskEvents events() {
    return events;
  }

  CreateTaskRequest request() {
    return request;
  }

  String id() {
    return request.getId();
  }

  Container container() {
    return container;
  }

  TaskProcess init() {
    return init;
  }

  boolean paused() {
    return paused;
  }

  void pause() throws ContainerException, TtrpcException {
    requireRunning("pause");
    container.pause();
    paused = true;
    events.paused();
  }

  void resume() throws ContainerException, TtrpcException {
    requireRunning("resume");
    container.resume();
    paused = false;
    events.resumed();
  }

  void checkpoint(CheckpointRequest asked) throws Exception {
    requireRunning("checkpoint");
    around
        .reaper()
        .launching(
            () -> {
              container.checkpoint(asked);
              return null;
            });
    events.checkpointed(asked.images().toString());
  }

  private void requireRunning(String what) throws TtrpcException {
    ProcessState now = init.state();
    if (!(now instanceof Running)) {
      throw Failures.wrongState(what + " " + init.name() + ": it " + now.words());
    }
  }

  /** Prepares a process; it is started by its own start. */
  void addExec(ExecProcessRequest asked) throws Exception {
    requireRunning("exec in");
    OciProcess process = OciSpecReader.parseProcess(asked.getSpec().getValue().toByteArray());
    String name = "exec " + asked.getExecId() + " in container " + id();
    StdioRequest stdio =
        StdioRequest.parse(
            asked.getStdin(), asked.getStdout(), asked.getStderr(), asked.getTerminal());
    synchronized (execs) {
      if (asked.getExecId().isEmpty() || execs.containsKey(asked.getExecId())) {
        throw new TtrpcException(TtrpcCode.ALREADY_EXISTS, name + ": the id is taken");
      }
      ProcessIo io = ProcessIo.open(around.linux(), stdio, around.executor(), report(name));
      execs.put(
          asked.getExecId(),
          new Exec(
              asked,
              newProcess(name, process, io, exited -> events.exited(asked.getExecId(), exited))));
    }
    events.execAdded(asked.getExecId());
  }

  /** A process that is on no list: nobody but the caller knows of it. */
  TaskProcess newProcess(String name, OciProcess process, ProcessIo io, Consumer<Exited> ended)
      throws IOException {
    leaveTerminal(io);
    return new TaskProcess(name, stdio -> container.exec(process, stdio), io, around, ended);
  }

  private void leaveTerminal(ProcessIo io) throws IOException {
    if (!container.givesConsole()) {
      try {
        io.leaveTerminal();
      } catch (IOException e) {
        io.close();
        throw e;
      }
    }
  }

  Consumer<String> report(String name) {
    return words -> around.report().accept(name + ": " + words);
  }

  /** Throws NOT_FOUND when there is none. */
  Exec exec(String execId) throws TtrpcException {
    synchronized (execs) {
      Exec exec = execs.get(execId);
      if (exec == null) {
        throw Failures.notFound(
            "exec " + execId + " in container " + id() + ": there is no such process");
      }
      return exec;
    }
  }

  /** The first process when {@code execId} is empty. */
  TaskProcess process(String execId) throws TtrpcException {
    return execId.isEmpty() ? init : exec(execId).process();
  }

  void removeExec(String execId) {
    synchronized (execs) {
      execs.remove(execId);
    }
  }

  /**
   * Frees what the container holds; every process in it is dead afterwards. Can be repeated when it
   * fails.
   */
  void delete() throws Exception {
    around
        .reaper()
        .launching(
            () -> {
              container.delete();
              return null;
            });
    List<Exec> left;
    synchronized (execs) {
      left = new ArrayList<>(execs.values());
      execs.clear();
    }
    left.forEach(exec -> exec.process().close());
    init.close();
  }
}
