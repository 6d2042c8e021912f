package io.gantry.cri.container;

import io.gantry.cri.grpc.CriException;
import io.gantry.proto.tasktypes.Status;
import java.io.IOException;

/**
 * Has containers stand still and go on. The shim knows which do, so it is known over a daemon's
 * end, too. Thread-safe.
 */
public final class Pausing {
  private final RunningContainers running;

  Pausing(RunningContainers running) {
    this.running = running;
  }

  /**
   * @throws CriException NOT_FOUND; WRONG_STATE if the container does not run, or stands still
   *     already
   */
  public void pause(String idOrPrefix) throws IOException, InterruptedException {
    Container container = running.get(idOrPrefix).container();
    try (Container.Operation operation = container.begin()) {
      RunningContainers.Found found = running.get(container.id());
      if (standsStill(found)) {
        throw CriException.wrongState(
            "pause container " + container.id() + ": it is paused already");
      }
      found.shim().pause(container.id());
      operation.container().paused(true);
    }
  }

  /**
   * @throws CriException NOT_FOUND; WRONG_STATE if the container does not stand still
   */
  public void resume(String idOrPrefix) throws IOException, InterruptedException {
    Container container = running.get(idOrPrefix).container();
    try (Container.Operation operation = container.begin()) {
      RunningContainers.Found found = running.get(container.id());
      if (!standsStill(found)) {
        throw CriException.wrongState("unpause container " + container.id() + ": it is not paused");
      }
      found.shim().resume(container.id());
      operation.container().paused(false);
    }
  }

  private static boolean standsStill(RunningContainers.Found found) throws IOException {
    Status status = found.shim().state(found.container().id()).getStatus();
    return status == Status.PAUSED || status == Status.PAUSING;
  }
}
