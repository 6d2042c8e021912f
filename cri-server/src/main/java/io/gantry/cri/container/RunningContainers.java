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
    Container container = containers.get(idOrPrefix);
    if (!(container.state() instanceof State.Running)) {
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
