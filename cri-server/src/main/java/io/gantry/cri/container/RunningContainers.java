package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.shims.ShimConnection;

/** Finds containers for what can only be done while they run. Thread-safe. */
public final class RunningContainers {
  private final Containers containers;

  RunningContainers(Containers containers) {
    this.containers = containers;
  }

  /** A container that ran when it was looked up, and its shim. */
  public record Found(Container container, ShimConnection shim) {}

  /**
   * @throws CriException NOT_FOUND, or WRONG_STATE with the words kubelets know, or INTERNAL for a
   *     container whose shim has just died
   */
  public Found get(String idOrPrefix) {
    return found(containers.get(idOrPrefix), false);
  }

  /**
   * As {@link #get}, and also a container that was made and not started.
   *
   * @throws CriException as {@link #get}
   */
  public Found getAlive(String idOrPrefix) {
    return found(containers.get(idOrPrefix), true);
  }

  private static Found found(Container container, boolean orCreated) {
    boolean right =
        container.state() instanceof State.Running
            || orCreated && container.state() instanceof State.Created;
    if (!right) {
      throw CriException.wrongState(
          "container %s: container is in %s state"
              .formatted(container.id(), container.state().name()));
    }
    return new Found(
        container,
        container
            .shim()
            .orElseThrow(
                () ->
                    new CriException(
                        Failure.INTERNAL, "container " + container.id() + " has lost its shim")));
  }
}
