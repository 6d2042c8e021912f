package io.gantry.cri.checkpoint;

import io.gantry.cri.container.Bundles;
import io.gantry.cri.container.Container;
import io.gantry.cri.criu.CheckpointLayout;
import io.gantry.cri.operation.Phase;
import io.gantry.cri.shims.ShimConnection;
import io.gantry.image.snapshot.Snapshots;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;

/** Saves single containers into directories, in the form that archives have. Thread-safe. */
final class Capture {
  private final Bundles bundles;
  private final Snapshots snapshots;
  private final Clock clock;

  Capture(Bundles bundles, Snapshots snapshots, Clock clock) {
    this.bundles = bundles;
    this.snapshots = snapshots;
    this.clock = clock;
  }

  /**
   * Saves the processes and files of a frozen container, which stays frozen.
   *
   * @param directory empty
   */
  void save(Container container, ShimConnection shim, Path criu, Path directory, TimeLimit limit)
      throws IOException {
    try {
      Phase.begins("shim: save processes");
      Path images =
          Files.createDirectory(directory.resolve(CheckpointLayout.IMAGES), Workspaces.PRIVATE);
      shim.checkpoint(container.id(), images, directory, criu, limit.left());
      Phase.begins("save files");
      try (OutputStream out = Files.newOutputStream(directory.resolve(CheckpointLayout.CHANGES))) {
        snapshots.writeChanges(
            container.record().snapshotKey(), limit.on(new BufferedOutputStream(out)));
      }
    } catch (IOException e) {
      if (limit.isOver()) {
        throw limit.over(e);
      }
      throw e;
    }
  }

  /** Adds what is known of the container. */
  void describe(Container container, Path directory) throws IOException {
    String spec =
        bundles
            .specText(container.id())
            .orElseThrow(() -> new IOException("container " + container.id() + " has no bundle"));
    Archive.describe(directory, container.record(), spec, clock.instant());
  }
}
