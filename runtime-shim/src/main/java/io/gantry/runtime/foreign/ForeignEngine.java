package io.gantry.runtime.foreign;

import io.gantry.proto.shim.v1.ForeignShim;
import io.gantry.runtime.container.Container;
import io.gantry.runtime.container.ContainerException;
import io.gantry.runtime.container.ContainerException.Kind;
import io.gantry.runtime.container.CreateRequest;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.oci.OciSpec;
import io.gantry.runtime.oci.OciSpecException;
import io.gantry.runtime.oci.OciSpecReader;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;

/** Makes containers that other shims run. Thread-safe. */
public final class ForeignEngine {
  private final Linux linux;
  private final Cgroups cgroups;
  private final ForeignEvents events;
  private final Consumer<String> report;

  /**
   * Held for reading from finding a shim until it holds the container, and for writing to tell one
   * that holds none to end: several containers may share it.
   */
  private final ReadWriteLock ending = new ReentrantReadWriteLock();

  /**
   * @param events path of a socket to make, where other shims tell what happens
   * @param executor unbounded
   * @param report writes one line to the log
   */
  public ForeignEngine(
      Linux linux,
      Cgroups cgroups,
      Path events,
      Executor executor,
      ScheduledExecutorService timers,
      Consumer<String> report) {
    this.linux = linux;
    this.cgroups = cgroups;
    this.events = new ForeignEvents(events, executor, timers, report);
    this.report = report;
  }

  /**
   * Takes note of a container. The other shim hears of it when it is started: by most runtimes a
   * created container is a process already, and one that a failed start would leave behind.
   */
  public Container create(CreateRequest request, ForeignShim shim) throws ContainerException {
    try {
      OciSpec spec = OciSpecReader.read(request.bundle().resolve("config.json"));
      if (!spec.linux().uidMappings().isEmpty()) {
        throw new ContainerException(
            Kind.INVALID_SPEC,
            "create container "
                + request.id()
                + ": user namespaces are for handlers with gantry's own shim: no ids are mapped for "
                + shim.getBinary());
      }
      new ForeignNote(shim, Optional.empty()).write(request.bundle());
      return new ForeignContainer(this, request, shim, spec);
    } catch (OciSpecException | IOException e) {
      throw new ContainerException(
          Kind.INVALID_SPEC, "create container " + request.id() + ": " + e.getMessage(), e);
    }
  }

  Linux linux() {
    return linux;
  }

  ForeignEvents events() {
    return events;
  }

  Consumer<String> report() {
    return report;
  }

  ReadWriteLock ending() {
    return ending;
  }

  /** The cgroup that a specification names; empty if none of that name is there. */
  Optional<Cgroup> cgroup(OciSpec spec) throws IOException {
    Optional<String> path = spec.linux().cgroupsPath();
    if (path.isEmpty()) {
      return Optional.empty();
    }
    Cgroup cgroup = cgroups.at(path.get());
    return cgroup.exists() ? Optional.of(cgroup) : Optional.empty();
  }
}
