package io.gantry.cri.container;

import io.gantry.cri.volume.ImageVolumes;
import io.gantry.cri.writable.WritableLayers;
import io.gantry.image.snapshot.Snapshots;
import io.gantry.proto.cri.v1.ContainerEventType;
import java.io.IOException;
import java.time.Duration;

/**
 * Removes containers with all their traces but the log, which is the kubelet's to remove. May be
 * repeated after a failure. Thread-safe.
 */
public final class Removal {
  private final Containers containers;
  private final Stopping stopping;
  private final TaskRelease release;
  private final Bundles bundles;
  private final Snapshots snapshots;
  private final ImageVolumes imageVolumes;
  private final WritableLayers layers;
  private final ContainerEvents events;
  private final ContainerHooks hooks;

  Removal(
      Containers containers,
      Stopping stopping,
      TaskRelease release,
      Bundles bundles,
      Snapshots snapshots,
      ImageVolumes imageVolumes,
      WritableLayers layers,
      ContainerEvents events,
      ContainerHooks hooks) {
    this.containers = containers;
    this.stopping = stopping;
    this.release = release;
    this.bundles = bundles;
    this.snapshots = snapshots;
    this.imageVolumes = imageVolumes;
    this.layers = layers;
    this.events = events;
    this.hooks = hooks;
  }

  /**
   * Kills the container if it runs, and removes it. Does nothing if someone else has removed it.
   */
  public void remove(Container container) throws IOException, InterruptedException {
    while (!removeUnlessRunning(container)) {
      stopping.stop(container, Duration.ZERO);
    }
  }

  /**
   * @return false if it runs: it cannot be taken then until its end, which is recorded with the
   *     container taken, too
   */
  private boolean removeUnlessRunning(Container container)
      throws IOException, InterruptedException {
    try (Container.Operation operation = container.begin()) {
      if (container.isRemoved()) {
        return true;
      }
      if (container.state() instanceof State.Running) {
        return false;
      }
      undo(operation);
      return true;
    }
  }

  private void undo(Container.Operation operation) throws IOException, InterruptedException {
    Container container = operation.container();
    if (container.shim().isPresent() || container.record().shimAddress().isPresent()) {
      release.release(container);
    }
    imageVolumes.release(container.id(), container.record().config());
    snapshots.remove(CheckpointSources.key(container.id()));
    snapshots.remove(container.id());
    bundles.remove(container.id());
    containers.remove(operation);
    WritableLayers.keyIn(container.record().config())
        .ifPresent(key -> layers.giveBack(key, container.id()));
    hooks.removed(container.record());
    events.happened(ContainerEventType.CONTAINER_DELETED_EVENT, container.record());
  }
}
