package io.gantry.runtime.shim;

import com.google.protobuf.InvalidProtocolBufferException;
import io.gantry.proto.shim.v1.ForeignShim;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.runtime.container.Container;
import io.gantry.runtime.container.ContainerEngine;
import io.gantry.runtime.container.ContainerException;
import io.gantry.runtime.container.CreateRequest;
import io.gantry.runtime.foreign.ForeignEngine;
import io.gantry.runtime.rootfs.RootfsMount;
import io.gantry.runtime.stdio.ProcessIo;
import io.gantry.runtime.stdio.StdioRequest;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;

/** The containers this shim holds. Thread-safe. */
final class Tasks {
  private static final String FOREIGN = "gantry.shim.v1.ForeignShim";

  private final ContainerEngine engine;
  private final Supplier<ForeignEngine> foreigners;
  private final Surroundings around;
  private final Runnable changed;
  private final Map<String, Task> tasks = new LinkedHashMap<>(); // guarded by this
  private final Set<String> creating = new HashSet<>(); // guarded by this
  private boolean spent; // guarded by this

  /**
   * @param foreigners asked when the first container of another shim comes
   * @param changed told after a container came or went
   */
  Tasks(
      ContainerEngine engine,
      Supplier<ForeignEngine> foreigners,
      Surroundings around,
      Runnable changed) {
    this.engine = engine;
    this.foreigners = foreigners;
    this.around = around;
    this.changed = changed;
  }

  Task create(CreateTaskRequest request) throws Exception {
    String id = request.getId();
    synchronized (this) {
      if (tasks.containsKey(id) || !creating.add(id)) {
        throw new TtrpcException(
            TtrpcCode.ALREADY_EXISTS, "create container " + id + ": it exists already");
      }
      spent = true;
    }
    try {
      Task task = prepare(request);
      synchronized (this) {
        tasks.put(id, task);
      }
      task.events().created(request);
      return task;
    } finally {
      synchronized (this) {
        creating.remove(id);
      }
      changed.run();
    }
  }

  private Task prepare(CreateTaskRequest request) throws Exception {
    String name = "container " + request.getId();
    StdioRequest stdio =
        StdioRequest.parse(
            request.getStdin(), request.getStdout(), request.getStderr(), request.getTerminal());
    List<RootfsMount> rootfs = new ArrayList<>(request.getRootfsCount());
    request
        .getRootfsList()
        .forEach(m -> rootfs.add(new RootfsMount(m.getType(), m.getSource(), m.getOptionsList())));
    CreateRequest create =
        new CreateRequest(
            request.getId(),
            Path.of(request.getBundle()),
            rootfs,
            request.getTerminal(),
            Checkpoints.restoration(request));
    ForeignShim foreign = foreign(request);
    ProcessIo io =
        ProcessIo.open(
            around.linux(),
            stdio,
            around.executor(),
            words -> around.report().accept(name + ": " + words));
    try {
      Container container = around.reaper().launching(() -> make(create, foreign));
      return new Task(request, container, io, around);
    } catch (Exception | Error e) {
      io.close();
      throw e;
    }
  }

  private Container make(CreateRequest create, ForeignShim foreign) throws ContainerException {
    if (foreign == null) {
      return engine.create(create);
    }
    if (create.restoration().isPresent()) {
      throw new ContainerException(
          ContainerException.Kind.UNSUPPORTED,
          "restore container " + create.id() + ": not built for containers of other shims");
    }
    return foreigners.get().create(create, foreign);
  }

  /** The shim of another make that is to run the container, or null. */
  private static ForeignShim foreign(CreateTaskRequest request)
      throws InvalidProtocolBufferException {
    return request.getOptions().getTypeUrl().equals(FOREIGN)
        ? ForeignShim.parseFrom(request.getOptions().getValue())
        : null;
  }

  /** Throws NOT_FOUND when there is none. */
  synchronized Task get(String id) throws TtrpcException {
    Task task = tasks.get(id);
    if (task == null) {
      throw Failures.notFound("container " + id + ": this shim does not hold it");
    }
    return task;
  }

  void remove(Task task) {
    synchronized (this) {
      tasks.remove(task.id(), task);
    }
    changed.run();
  }

  /** True when no container is here and none is on its way. */
  synchronized boolean isEmpty() {
    return tasks.isEmpty() && creating.isEmpty();
  }

  /** True once any container was asked for. */
  synchronized boolean spent() {
    return spent;
  }

  synchronized List<String> ids() {
    return List.copyOf(tasks.keySet());
  }
}
