package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import java.time.Duration;

/** Waits for the ends of containers. Thread-safe. */
public final class Endings {
  private static final Duration NO_LIMIT = Duration.ofDays(365);

  private final Containers containers;
  private final Patience patience;

  Endings(Containers containers, Patience patience) {
    this.containers = containers;
    this.patience = patience;
  }

  /**
   * How the container has ended, once it has; at once if it had before.
   *
   * @throws CriException NOT_FOUND if it is not here, or is removed without having run; TIMED_OUT
   *     when the caller does not wait any longer
   */
  public State.Exited await(String idOrPrefix) throws InterruptedException {
    Container container = containers.get(idOrPrefix);
    while (true) {
      if (container.state() instanceof State.Exited end) {
        return end;
      }
      if (container.isRemoved()) {
        throw CriException.notFound("wait for container " + container.id() + ": it was removed");
      }
      patience.await(container.ended(), NO_LIMIT);
    }
  }
}
