package io.gantry.cri.checkpoint;

import io.gantry.cri.container.Bundles;
import io.gantry.cri.container.Container;
import io.gantry.cri.container.RunningContainers;
import io.gantry.cri.container.State;
import io.gantry.cri.criu.CheckpointLayout;
import io.gantry.cri.criu.Criu;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.operation.Phase;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.image.snapshot.Snapshots;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/**
 * Saves running containers. One is frozen while its memory and its files are saved, so that the two
 * are of one moment, and runs on in any case. Thread-safe.
 */
public final class ContainerCheckpoints {
  private final Criu criu;
  private final Workspaces workspaces;
  private final RunningContainers running;
  private final Bundles bundles;
  private final Snapshots snapshots;
  private final Clock clock;

  public ContainerCheckpoints(
      Criu criu,
      Workspaces workspaces,
      RunningContainers running,
      Bundles bundles,
      Snapshots snapshots,
      Clock clock) {
    this.criu = criu;
    this.workspaces = workspaces;
    this.running = running;
    this.bundles = bundles;
    this.snapshots = snapshots;
    this.clock = clock;
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
        Files.createDirectory(directory.resolve(CheckpointLayout.IMAGES), Workspaces.PRIVATE);
        capture(container, container.shim().get(), program, directory, limit);
        describe(container, directory);
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
    shim.pause(container.id());
    try {
      Phase.begins("shim: save processes");
      shim.checkpoint(
          container.id(),
          directory.resolve(CheckpointLayout.IMAGES),
          directory,
          program,
          limit.left());
      Phase.begins("save files");
      try (OutputStream out = Files.newOutputStream(directory.resolve(CheckpointLayout.CHANGES))) {
        snapshots.writeChanges(container.id(), limit.on(new BufferedOutputStream(out)));
      }
    } catch (IOException e) {
      if (limit.isOver()) {
        throw limit.over(e);
      }
      throw e;
    } finally {
      shim.resume(container.id());
    }
  }

  private void describe(Container container, Path directory) throws IOException {
    String spec =
        bundles
            .specText(container.id())
            .orElseThrow(() -> new IOException("container " + container.id() + " has no bundle"));
    Archive.describe(directory, container.record(), spec, clock.instant());
  }
}
