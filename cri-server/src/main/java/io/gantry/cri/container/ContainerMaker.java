package io.gantry.cri.container;

import io.gantry.cri.operation.Phase;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.cri.shims.Shims;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerEventType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Optional;
import java.util.function.IntSupplier;
import java.util.random.RandomGenerator;

/** Makes containers: all of it, or nothing. Thread-safe. */
public final class ContainerMaker {
  private final Preparation preparation;
  private final Containers containers;
  private final Shims shims;
  private final CgroupUpkeep cgroups;
  private final ContainerEvents events;
  private final IntSupplier maxLogLineBytes;
  private final RandomGenerator random;

  ContainerMaker(
      Preparation preparation,
      Containers containers,
      Shims shims,
      CgroupUpkeep cgroups,
      ContainerEvents events,
      IntSupplier maxLogLineBytes,
      RandomGenerator random) {
    this.preparation = preparation;
    this.containers = containers;
    this.shims = shims;
    this.cgroups = cgroups;
    this.events = events;
    this.maxLogLineBytes = maxLogLineBytes;
    this.random = random;
  }

  /**
   * Makes a container in a pod that the caller holds.
   *
   * @return the container, created and not started
   */
  public Container make(Pod pod, ContainerConfig config) throws IOException, InterruptedException {
    return make(pod, config, Optional.empty());
  }

  /**
   * Makes a container in a pod that the caller holds, to go on where another was saved.
   *
   * @param checkpoint the directory that it was saved in, not needed later
   * @return the container, created and not started
   */
  public Container restore(Pod pod, ContainerConfig config, Path checkpoint)
      throws IOException, InterruptedException {
    return make(pod, config, Optional.of(checkpoint));
  }

  private Container make(Pod pod, ContainerConfig config, Optional<Path> checkpoint)
      throws IOException, InterruptedException {
    UndoStack undo = new UndoStack();
    try {
      Phase.begins("prepare snapshot and bundle");
      LogLimits limits = LogLimits.of(pod.config(), config);
      Preparation.Prepared prepared = preparation.prepare(newId(), pod, config, checkpoint, undo);
      Container container = createTask(prepared, limits, undo);
      prepared.creation().created(container.record());
      events.happened(ContainerEventType.CONTAINER_CREATED_EVENT, container.record());
      return container;
    } catch (IOException | InterruptedException | RuntimeException | Error failed) {
      undo.unwind(failed);
      throw failed;
    }
  }

  /** The configuration as the record of a container made from it holds it. */
  ContainerConfig asRecorded(ContainerConfig config) {
    return preparation.asRecorded(config);
  }

  private Container createTask(Preparation.Prepared prepared, LogLimits limits, UndoStack undo)
      throws IOException, InterruptedException {
    String id = prepared.record().id();
    if (prepared.record().logPath().isPresent()) {
      Files.createDirectories(prepared.record().logPath().get().getParent());
    }
    Phase.begins("shim: get one");
    ShimConnection shim = shims.start(prepared.record().tenant());
    undo.push(shim::close);
    undo.push(shim::shutdown);
    // From the shim's create on there are traces in the kernel; a record names who knows about
    // them.
    Container container = containers.add(prepared.record().withShim(shim.address()));
    container.connect(Optional.of(shim));
    try (Container.Operation operation = container.begin()) {
      undo.push(() -> forget(container));
      Phase.begins("make cgroup");
      undo.push(() -> cgroups.remove(id));
      cgroups.make(prepared.record(), prepared.creation().spec());
      Phase.begins("shim: create");
      shim.create(TaskRequests.create(prepared, maxLogLineBytes.getAsInt(), limits));
      undo.push(() -> shim.delete(id));
      cgroups.limitsChanged(id);
      preparation.checkTarget(prepared);
      preparation.finish(prepared.record());
      containers.put(operation, operation.record().with(new State.Created()));
    }
    return container;
  }

  private void forget(Container container) throws IOException, InterruptedException {
    try (Container.Operation operation = container.begin()) {
      containers.remove(operation);
    }
  }

  private String newId() {
    byte[] bytes = new byte[32];
    random.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
