package io.gantry.runtime.container;

import static io.gantry.runtime.container.ContainerException.Kind.GONE;
import static io.gantry.runtime.container.ContainerException.Kind.INVALID_SPEC;
import static io.gantry.runtime.container.ContainerException.Kind.WRONG_STATE;

import io.gantry.runtime.launch.Launched;
import io.gantry.runtime.linux.Architecture;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.CgroupStats;
import io.gantry.runtime.linux.cgroup.Subgroup;
import io.gantry.runtime.oci.OciProcess;
import io.gantry.runtime.oci.OciResources;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.rootfs.Console;
import io.gantry.runtime.rootfs.PreparedRootfs;
import io.gantry.runtime.rootfs.UserMapping;
import io.gantry.runtime.seccomp.Seccomp;
import io.gantry.runtime.seccomp.SeccompException;
import io.gantry.runtime.seccomp.SeccompFilter;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** {@link Container} on the machine itself. */
final class LinuxContainer implements Container {
  private static final int SIGKILL = 9;

  private final LaunchParts parts;
  private final Linux linux;
  private final String id;
  private final CreateRequest request;
  private final OciSpec spec;
  private final Cgroup cgroup;
  private final Optional<SeccompFilter> filter;
  private final HookRunner hooks;
  private final Families families;

  // Guarded by this: the state, and what exists in it.
  private PreparedRootfs prepared;
  private Launched first;
  private boolean started;
  private boolean paused;
  private boolean deleted;
  private boolean checkpointing;

  /** Takes the prepared root filesystem over. */
  LinuxContainer(
      LaunchParts parts,
      CreateRequest request,
      OciSpec spec,
      Cgroup cgroup,
      PreparedRootfs prepared,
      Optional<SeccompFilter> filter,
      HookRunner hooks) {
    this.parts = parts;
    this.linux = parts.linux();
    this.id = request.id();
    this.request = request;
    this.spec = spec;
    this.cgroup = cgroup;
    this.prepared = prepared;
    this.filter = filter;
    this.hooks = hooks;
    this.families = new Families(id, cgroup, parts.notices());
  }

  /** The compiled filter of a configuration; empty if it has none. */
  static Optional<SeccompFilter> filter(OciSpec spec) throws SeccompException {
    return spec.linux().seccomp().isPresent()
        ? Optional.of(Seccomp.compile(spec.linux().seccomp().get(), Architecture.current()))
        : Optional.empty();
  }

  @Override
  public String id() {
    return id;
  }

  @Override
  public OciSpec spec() {
    return spec;
  }

  @Override
  public synchronized StartedProcess start(ProcessStdio stdio) throws ContainerException {
    String asked = "start container " + id;
    if (started || deleted) {
      throw new ContainerException(
          WRONG_STATE, asked + ": it was " + (deleted ? "deleted" : "started") + " before");
    }
    if (spec.process().isEmpty() || spec.process().get().args().isEmpty()) {
      throw new ContainerException(INVALID_SPEC, asked + ": no command is specified");
    }
    started = true;
    OciProcess process = spec.process().get();
    StartedProcess result;
    try (CgroupDoor door = new CgroupDoor(cgroup);
        Streams streams = streams(stdio, process, prepared.takeConsole(), prepared.root())) {
      Launched launched = launch(asked, process, door, stdio, streams);
      first = new Launched(launched.pid(), linux.files().duplicate(launched.pidfd()));
      result =
          new StartedProcess.Child(
              launched.pid(), launched.pidfd(), streams.keepMaster(), Optional.empty());
    } catch (IOException | IllegalArgumentException e) {
      throw Failure.of(asked, e);
    } finally {
      // The process holds its namespaces from here on; without one nothing is left to hold.
      prepared.close();
    }
    hooks.afterStart(result.pid());
    return result;
  }

  private Launched launch(
      String asked, OciProcess process, CgroupDoor door, ProcessStdio stdio, Streams streams)
      throws IOException, ContainerException {
    if (request.restoration().isPresent()) {
      Restoration from = request.restoration().get();
      return new RestoredProcess(parts, asked, spec, request.bundle(), prepared, from)
          .launch(door, stdio);
    }
    return new FirstProcess(parts, id, spec, process, prepared).launch(door, streams, filter);
  }

  private Streams streams(ProcessStdio stdio, OciProcess process, Optional<Console> opened, Fd root)
      throws IOException {
    if (stdio instanceof ProcessStdio.Pipes pipes) {
      if (opened.isPresent()) {
        opened.get().close();
      }
      return Streams.of(pipes);
    }
    Console console = opened.isPresent() ? opened.get() : Console.openIn(linux, root);
    return Streams.of(linux, console, process, UserMapping.of(spec.linux()));
  }

  @Override
  public StartedProcess exec(OciProcess process, ProcessStdio stdio) throws ContainerException {
    String asked = "exec in container " + id;
    if (process.args().isEmpty()) {
      throw new ContainerException(INVALID_SPEC, asked + ": no command is specified");
    }
    int pid = runningPid(asked);
    Optional<Subgroup> own = families.make();
    StartedProcess started = null;
    try (LaterProcess launch = new LaterProcess(parts, id, spec, process, pid);
        CgroupDoor door = own.isPresent() ? new CgroupDoor(own.get()) : new CgroupDoor(cgroup)) {
      // Whatever was opened by the number belongs to our process if that still lives.
      runningPid(asked);
      try (Streams streams = streams(stdio, process, Optional.empty(), launch.root())) {
        Launched launched = launch.launch(door, streams, filter, own.isPresent());
        Optional<Family> family =
            own.isPresent() ? Optional.of(families.of(own.get())) : Optional.empty();
        started =
            new StartedProcess.Child(
                launched.pid(), launched.pidfd(), streams.keepMaster(), family);
        return started;
      }
    } catch (IOException | IllegalArgumentException e) {
      throw Failure.of(asked, e);
    } finally {
      if (started == null && own.isPresent()) {
        families.discard(own.get());
      }
    }
  }

  private synchronized int runningPid(String asked) throws ContainerException {
    if (paused) {
      throw new ContainerException(WRONG_STATE, asked + ": it is paused");
    }
    signalFirst(0, asked);
    return first.pid();
  }

  private synchronized void signalFirst(int signal, String asked) throws ContainerException {
    if (first == null || deleted) {
      throw new ContainerException(WRONG_STATE, asked + ": it is not running");
    }
    try {
      linux.processes().signal(first.pidfd(), signal);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ESRCH) {
        throw new ContainerException(GONE, asked + ": its process has ended", e);
      }
      throw Failure.of(asked, e);
    }
  }

  @Override
  public synchronized void kill(int signal, boolean all) throws ContainerException {
    String asked = "send signal " + signal + " to container " + id;
    if (!all) {
      signalFirst(signal, asked);
      thawForDeath(signal, asked);
      return;
    }
    try {
      if (signal == SIGKILL) {
        cgroup.killAll();
        paused = false;
        return;
      }
      for (int pid : cgroup.pids()) {
        signal(pid, signal);
      }
    } catch (IOException e) {
      throw Failure.of(asked, e);
    }
  }

  /** Frozen processes of cgroup v1 do not even die. */
  private void thawForDeath(int signal, String asked) throws ContainerException {
    if (signal != SIGKILL || !paused) {
      return;
    }
    try {
      cgroup.thaw();
      paused = false;
    } catch (IOException e) {
      throw Failure.of(asked, e);
    }
  }

  private void signal(int pid, int signal) throws LinuxException {
    try {
      linux.processes().kill(pid, signal);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ESRCH) {
        throw e;
      }
    }
  }

  @Override
  public List<Integer> pids() throws ContainerException {
    try {
      return cgroup.pids();
    } catch (IOException e) {
      throw Failure.of("list processes of container " + id, e);
    }
  }

  @Override
  public synchronized void pause() throws ContainerException {
    String asked = "pause container " + id;
    signalFirst(0, asked);
    try {
      cgroup.freeze();
      paused = true;
    } catch (IOException e) {
      throw Failure.of(asked, e);
    }
  }

  @Override
  public synchronized void resume() throws ContainerException {
    String asked = "resume container " + id;
    signalFirst(0, asked);
    try {
      cgroup.thaw();
      paused = false;
    } catch (IOException e) {
      throw Failure.of(asked, e);
    }
  }

  @Override
  public void checkpoint(CheckpointRequest wanted) throws ContainerException {
    String asked = "checkpoint container " + id;
    int pid = beginCheckpoint(asked);
    try {
      new Checkpointer(parts, asked, spec, cgroup, pid).save(wanted);
    } catch (IOException e) {
      throw Failure.of(asked, e);
    } finally {
      endCheckpoint(asked);
    }
  }

  private synchronized int beginCheckpoint(String asked) throws ContainerException {
    signalFirst(0, asked);
    if (checkpointing) {
      throw new ContainerException(WRONG_STATE, asked + ": another one of it is at work");
    }
    checkpointing = true;
    return first.pid();
  }

  /** CRIU freezes and thaws too, and may have been killed between the two. */
  private synchronized void endCheckpoint(String asked) throws ContainerException {
    checkpointing = false;
    try {
      if (deleted) {
        return;
      }
      if (paused) {
        cgroup.freeze();
      } else {
        cgroup.thaw();
      }
    } catch (IOException e) {
      throw Failure.of(asked, e);
    }
  }

  @Override
  public synchronized void update(OciResources resources) throws ContainerException {
    String asked = "update container " + id;
    if (deleted) {
      throw new ContainerException(WRONG_STATE, asked + ": it was deleted");
    }
    try {
      cgroup.apply(DefaultDevices.allowIn(resources));
    } catch (LinuxException e) {
      throw refusedLimit(asked, e);
    } catch (IOException | IllegalArgumentException e) {
      throw Failure.of(asked, e);
    }
  }

  /** The kernel's words for a value that no limit can have. */
  private static ContainerException refusedLimit(String asked, LinuxException e) {
    if (e.errno() == Errno.EINVAL || e.errno() == Errno.ERANGE) {
      return new ContainerException(INVALID_SPEC, asked + ": " + e.getMessage(), e);
    }
    return Failure.of(asked, e);
  }

  @Override
  public CgroupStats stats() throws ContainerException {
    try {
      return cgroup.stats();
    } catch (IOException e) {
      throw Failure.of("measure container " + id, e);
    }
  }

  @Override
  public long oomKills() throws ContainerException {
    try {
      return cgroup.oomKills();
    } catch (IOException e) {
      throw Failure.of("measure container " + id, e);
    }
  }

  @Override
  public synchronized void delete() throws ContainerException {
    prepared.close();
    try {
      cgroup.killAll();
      cgroup.remove();
    } catch (IOException e) {
      throw Failure.of("delete container " + id, e);
    }
    if (first != null) {
      first.pidfd().close();
    }
    if (!deleted) {
      deleted = true;
      hooks.afterStop();
    }
  }
}
