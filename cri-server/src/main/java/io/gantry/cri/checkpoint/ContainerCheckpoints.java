package io.gantry.cri.checkpoint;

import io.gantry.cri.container.Container;
import io.gantry.cri.container.RunningContainers;
import io.gantry.cri.container.State;
import io.gantry.cri.criu.Criu;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.operation.Phase;
import io.gantry.cri.shims.ShimConnection;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Saves running containers. One is frozen while its memory and its files are saved, so that the two
 * are of one moment, and runs on in any case. Thread-safe.
 */
public final class ContainerCheckpoints {
  private final Criu criu;
  private final Workspaces workspaces;
  private final RunningContainers running;
  private final Capture capture;

  ContainerCheckpoints(
      Criu criu, Workspaces workspaces, RunningContainers running, Capture capture) {
    this.criu = criu;
    this.workspaces = workspaces;
    this.running = running;
    this.capture = capture;
  }

  /**
   * Saves a container as an archive at {@code location}.
   *
   * @throws CriException WRONG_STATE if it does not run, or CRIU does not; TIMED_OUT
   * @throws IOException if it cannot be saved; no archive is left then
   */
  void save(String idOrPrefix, Path location, TimeLimit limit)
      throws IOException, InterruptedException {
    Container container = running.get(idOrPrefix).container();
    Phase.begins("check criu");
    Path program = criu.require();
    try (Container.Operation operation = container.begin()) {
      if (!(operation.state() instanceof State.Running) || container.shim().isEmpty()) {
        throw CriException.wrongState(
            "checkpoint container " + container.id() + ": it has ended meanwhile");
      }
      Path directory = workspaces.begin(container.id());
      try {
        capture(container, container.shim().get(), program, directory, limit);
        capture.describe(container, directory);
        Phase.begins("pack the archive");
        Archive.pack(directory, location, limit);
      } finally {
        workspaces.end(container.id());
      }
    }
  }

  private void capture(
      Container container, ShimConnection shim, Path program, Path directory, TimeLimit limit)
      throws IOException {
    Phase.begins("shim: pause");
    try (FrozenContainers frozen = new FrozenContainers()) {
      frozen.freeze(container.id(), shim);
      capture.save(container, shim, program, directory, limit);
    }
  }
}
