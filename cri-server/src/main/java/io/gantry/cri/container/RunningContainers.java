package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.shims.ShimConnection;
import java.io.IOException;

/** Finds containers for what can only be done while they run. Thread-safe. */
final class RunningContainers {
  private final Containers containers;

  RunningContainers(Containers containers) {
    this.containers = containers;
  }

  /** A container that ran when it was looked up, and its shim. */
  record Found(Container container, ShimConnection shim) {}

  /**
   * @throws CriException NOT_FOUND, or WRONG_STATE with the words kubelets know
   */
  Found get(String idOrPrefix) throws IOException {
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
                () -> new IOException("container " + container.id() + " has lost its shim")));
  }
}
