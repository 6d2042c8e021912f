package io.gantry.runtime.foreign;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import io.gantry.proto.shim.v1.ForeignShim;
import io.gantry.proto.task.v3.CreateTaskRequest;
import io.gantry.proto.task.v3.ExecProcessRequest;
import io.gantry.proto.tasktypes.ProcessInfo;
import io.gantry.proto.types.Mount;
import io.gantry.runtime.container.CheckpointRequest;
import io.gantry.runtime.container.Container;
import io.gantry.runtime.container.ContainerException;
import io.gantry.runtime.container.ContainerException.Kind;
import io.gantry.runtime.container.CreateRequest;
import io.gantry.runtime.container.ProcessStdio;
import io.gantry.runtime.container.StartedProcess;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.CgroupStats;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciResources;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciSpecWriter;
import io.gantry.runtime.rootfs.RootfsMount;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A container that another shim runs. */
public final class ForeignContainer implements Container {
  private static final int EXIT_UNSEEN = 255;
  private static final String SPEC_TYPES = "types.containerd.io/opencontainers/runtime-spec/1/";

  private final ForeignEngine engine;
  private final CreateRequest request;
  private final ForeignShim shim;
  private final OciSpec spec;
  private final ForeignProgram program;
  private final ForeignStdio stdio;
  private final List<OciResources> changes = new ArrayList<>(); // guarded by this
  private ForeignTask task; // guarded by this; null before the start
  private int execs; // guarded by this

  ForeignContainer(ForeignEngine engine, CreateRequest request, ForeignShim shim, OciSpec spec) {
    this.engine = engine;
    this.request = request;
    this.shim = shim;
    this.spec = spec;
    this.program = new ForeignProgram(shim, request.id(), request.bundle());
    this.stdio = new ForeignStdio(engine.linux());
  }

  @Override
  public String id() {
    return request.id();
  }

  @Override
  public OciSpec spec() {
    return spec;
  }

  @Override
  public boolean givesConsole() {
    return false;
  }

  @Override
  public StartedProcess start(ProcessStdio streams) throws ContainerException {
    String asked = "start container " + id();
    ForeignTask created = create(asked, streams);
    synchronized (this) {
      task = created;
    }
    try {
      for (OciResources change : takeChanges()) {
        created.update(resources(change));
      }
      return running(created, "", created.start(""));
    } catch (IOException e) {
      throw ForeignFailure.of(asked, e);
    }
  }

  private ForeignTask create(String asked, ProcessStdio streams) throws ContainerException {
    ForeignTask connected = null;
    IOException refused;
    engine.ending().readLock().lock();
    try {
      ForeignAddress address = program.start(engine.events().address());
      new ForeignNote(shim, Optional.of(address)).write(request.bundle());
      connected = ForeignTask.connect(address, shim.getNamespace(), id());
      connected.create(createRequest(stdio.of(streams)));
      return connected;
    } catch (IOException e) {
      refused = e;
    } finally {
      engine.ending().readLock().unlock();
    }
    ContainerException failure = ForeignFailure.of(asked, refused);
    try {
      clear(connected);
    } catch (ContainerException left) {
      failure.addSuppressed(left);
    }
    throw failure;
  }

  private CreateTaskRequest createRequest(ForeignStdio.Paths paths) {
    CreateTaskRequest.Builder create =
        CreateTaskRequest.newBuilder()
            .setId(id())
            .setBundle(request.bundle().toString())
            .setTerminal(request.terminal())
            .setStdin(paths.stdin())
            .setStdout(paths.stdout())
            .setStderr(request.terminal() ? "" : paths.stderr());
    for (RootfsMount mount : request.rootfs()) {
      create.addRootfs(
          Mount.newBuilder()
              .setType(mount.type())
              .setSource(mount.source())
              .addAllOptions(mount.options()));
    }
    if (shim.hasOptions()) {
      create.setOptions(shim.getOptions());
    }
    return create.build();
  }

  private ForeignProcess running(ForeignTask in, String execId, int pid) {
    CompletableFuture<Integer> exit =
        in.exit(execId)
            .exceptionally(
                lost -> {
                  engine.report().accept("container " + id() + ": " + lost.getMessage());
                  return EXIT_UNSEEN;
                });
    return new ForeignProcess(in, execId, pid, exit, engine.linux().processes(), engine.report());
  }

  private synchronized List<OciResources> takeChanges() {
    List<OciResources> taken = List.copyOf(changes);
    changes.clear();
    return taken;
  }

  @Override
  public StartedProcess exec(OciProcess process, ProcessStdio streams) throws ContainerException {
    String execId;
    synchronized (this) {
      execId = "exec-" + execs++;
    }
    String asked = "exec in container " + id();
    ForeignTask started = task(asked);
    try {
      ForeignStdio.Paths paths = stdio.of(streams);
      started.exec(
          ExecProcessRequest.newBuilder()
              .setId(id())
              .setExecId(execId)
              .setTerminal(process.terminal())
              .setStdin(paths.stdin())
              .setStdout(paths.stdout())
              .setStderr(process.terminal() ? "" : paths.stderr())
              .setSpec(json("Process", OciSpecWriter.toJson(process)))
              .build());
    } catch (IOException e) {
      throw ForeignFailure.of(asked, e);
    }
    try {
      return running(started, execId, started.start(execId));
    } catch (TtrpcException e) {
      ContainerException failure = ForeignFailure.of(asked, e);
      try {
        started.delete(execId);
      } catch (TtrpcException left) {
        failure.addSuppressed(left);
      }
      throw failure;
    }
  }

  private synchronized ForeignTask task(String asked) throws ContainerException {
    if (task == null) {
      throw new ContainerException(Kind.WRONG_STATE, asked + ": it was not started");
    }
    return task;
  }

  @Override
  public void kill(int signal, boolean all) throws ContainerException {
    String asked = "kill container " + id();
    try {
      task(asked).kill("", signal, all);
    } catch (TtrpcException e) {
      throw ForeignFailure.of(asked, e);
    }
  }

  @Override
  public List<Integer> pids() throws ContainerException {
    String asked = "list processes of container " + id();
    List<Integer> pids = new ArrayList<>();
    try {
      for (ProcessInfo process : task(asked).pids().getProcessesList()) {
        pids.add(process.getPid());
      }
      return pids;
    } catch (TtrpcException e) {
      if (e.code() != TtrpcCode.UNIMPLEMENTED) {
        throw ForeignFailure.of(asked, e);
      }
    }
    try {
      Optional<Cgroup> cgroup = engine.cgroup(spec);
      return cgroup.isPresent() ? cgroup.get().pids() : List.of();
    } catch (IOException e) {
      throw ForeignFailure.of(asked, e);
    }
  }

  @Override
  public void pause() throws ContainerException {
    String asked = "pause container " + id();
    try {
      task(asked).pause();
    } catch (TtrpcException e) {
      throw ForeignFailure.of(asked, e);
    }
  }

  @Override
  public void resume() throws ContainerException {
    String asked = "resume container " + id();
    try {
      task(asked).resume();
    } catch (TtrpcException e) {
      throw ForeignFailure.of(asked, e);
    }
  }

  /** Before the start, changes are kept for it. */
  @Override
  public void checkpoint(CheckpointRequest wanted) throws ContainerException {
    throw new ContainerException(
        ContainerException.Kind.UNSUPPORTED,
        "checkpoint container " + id() + ": not built for containers of other shims");
  }

  @Override
  public void update(OciResources change) throws ContainerException {
    ForeignTask started;
    synchronized (this) {
      started = task;
      if (started == null) {
        changes.add(change);
        return;
      }
    }
    try {
      started.update(resources(change));
    } catch (TtrpcException e) {
      throw ForeignFailure.of("update container " + id(), e);
    }
  }

  private static Any resources(OciResources change) {
    return json("LinuxResources", OciSpecWriter.toJson(change));
  }

  private static Any json(String type, String text) {
    return Any.newBuilder()
        .setTypeUrl(SPEC_TYPES + type)
        .setValue(ByteString.copyFrom(text, StandardCharsets.UTF_8))
        .build();
  }

  /**
   * What the other shim measures, in its own message; empty if it measures nothing, and {@link
   * #stats()} may still tell.
   */
  public Optional<Any> metrics() throws ContainerException {
    String asked = "statistics of container " + id();
    try {
      return Optional.of(task(asked).stats());
    } catch (TtrpcException e) {
      if (e.code() == TtrpcCode.UNIMPLEMENTED) {
        return Optional.empty();
      }
      throw ForeignFailure.of(asked, e);
    }
  }

  /** Read from the cgroup that the specification names, which not every shim uses. */
  @Override
  public CgroupStats stats() throws ContainerException {
    String asked = "statistics of container " + id();
    try {
      Optional<Cgroup> cgroup = engine.cgroup(spec);
      if (cgroup.isEmpty()) {
        throw new ContainerException(
            Kind.UNSUPPORTED,
            asked + ": " + shim.getBinary() + " gives none, and has no cgroup here");
      }
      return cgroup.get().stats();
    } catch (IOException e) {
      throw ForeignFailure.of(asked, e);
    }
  }

  @Override
  public long oomKills() throws ContainerException {
    try {
      Optional<Cgroup> cgroup = engine.cgroup(spec);
      long counted = cgroup.isPresent() ? cgroup.get().oomKills() : 0;
      return Math.max(counted, engine.events().oomKills(id()));
    } catch (IOException e) {
      throw ForeignFailure.of("OOM kills of container " + id(), e);
    }
  }

  @Override
  public void delete() throws ContainerException {
    ForeignTask started;
    synchronized (this) {
      started = task;
    }
    if (started != null) {
      clear(started);
    }
    engine.events().forget(id());
  }

  /**
   * Frees what the other shim holds of it and lets that shim go.
   *
   * @param in may be null: it was never reached
   */
  private void clear(ForeignTask in) throws ContainerException {
    try {
      if (in == null || !delete(in)) {
        program.delete();
      }
      Optional<Cgroup> cgroup = engine.cgroup(spec);
      if (cgroup.isPresent()) {
        cgroup.get().killAll();
        cgroup.get().remove();
      }
      ForeignCleanup.unmountRoot(engine.linux().mounts(), request.bundle());
      if (in != null) {
        end(in);
      }
    } catch (IOException e) {
      throw ForeignFailure.of("delete container " + id(), e);
    }
  }

  /** False if the shim is gone, or cannot do it. */
  private boolean delete(ForeignTask in) {
    try {
      in.delete("");
      return true;
    } catch (TtrpcException e) {
      if (e.code() == TtrpcCode.NOT_FOUND) {
        return true;
      }
      engine.report().accept("container " + id() + " is deleted by force: " + e.getMessage());
      return false;
    }
  }

  private void end(ForeignTask in) throws TtrpcException {
    engine.ending().writeLock().lock();
    try {
      in.shutdown();
    } finally {
      engine.ending().writeLock().unlock();
    }
    in.close();
  }
}
