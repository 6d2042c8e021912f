package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.limits.Limits;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.runtime.oci.OciResources;
import io.gantry.runtime.oci.OciSpecWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Changes containers' limits in place; what a change does not set stays. Thread-safe. */
public final class LimitChanges {
  private final Containers containers;
  private final ContainerHooks hooks;
  private final CgroupUpkeep cgroups;

  LimitChanges(Containers containers, ContainerHooks hooks, CgroupUpkeep cgroups) {
    this.containers = containers;
    this.hooks = hooks;
    this.cgroups = cgroups;
  }

  /**
   * Changes limits as a caller of the CRI asks for it; hooks may change the change.
   *
   * @throws CriException NOT_FOUND, or WRONG_STATE if it has ended
   * @throws IOException if a hook or the kernel refuses it; the limits are as before then
   */
  void ask(String idOrPrefix, LinuxContainerResources change)
      throws IOException, InterruptedException {
    Container container = containers.get(idOrPrefix);
    try (Container.Operation operation = container.begin()) {
      requireAlive(container);
      set(
          operation,
          hooks.update(container.record(), new ContainerHooks.Change(change, Limits.of(change))));
      hooks.updated(container.record());
    }
  }

  /**
   * Changes limits as someone asks for it who is a hook.
   *
   * @throws CriException as {@link #ask}
   * @throws IOException if the kernel refuses it
   */
  public void set(String id, ContainerHooks.Change change)
      throws IOException, InterruptedException {
    Container container = containers.get(id);
    try (Container.Operation operation = container.begin()) {
      requireAlive(container);
      set(operation, change);
    }
  }

  private static void requireAlive(Container container) {
    boolean alive =
        container.state() instanceof State.Created || container.state() instanceof State.Running;
    if (!alive) {
      throw CriException.wrongState(
          "update resources of container %s: container is in %s state"
              .formatted(container.id(), container.state().name()));
    }
  }

  private void set(Container.Operation operation, ContainerHooks.Change change) throws IOException {
    Container container = operation.container();
    ShimConnection shim =
        container
            .shim()
            .orElseThrow(
                () -> new IOException("container " + container.id() + " has lost its shim"));
    ContainerRecord before = container.record();
    containers.put(operation, before.with(Limits.merge(before.resources(), change.told())));
    try {
      update(shim, container.id(), change.limits());
    } catch (IOException refused) {
      containers.putFact(operation, before);
      throw refused;
    }
    try {
      cgroups.limitsChanged(container.id());
    } catch (IOException refused) {
      containers.putFact(operation, before);
      takeBack(shim, before, refused);
      throw refused;
    }
  }

  private static void update(ShimConnection shim, String id, OciResources limits)
      throws IOException {
    shim.update(id, OciSpecWriter.toJson(limits).getBytes(StandardCharsets.UTF_8));
  }

  private static void takeBack(ShimConnection shim, ContainerRecord before, IOException cause) {
    try {
      update(shim, before.id(), Limits.of(before.resources()));
    } catch (IOException e) {
      cause.addSuppressed(e);
    }
  }
}
