package io.gantry.docker.engine.container;

import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.record.Status;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.v1.RemoveLayerRequest;
import io.gantry.proto.v1.RemoveVolumeRequest;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import java.io.IOException;

/** Removes containers with all that is theirs. */
final class Removing {
  private final Runtime runtime;
  private final ContainerRecords records;
  private final Pods pods;
  private final Stopping stopping;
  private final Lifecycle lifecycle;
  private final Waiters waiters;
  private final ContainerEvents events;
  private final boolean layered;

  Removing(
      Runtime runtime,
      ContainerRecords records,
      Pods pods,
      Stopping stopping,
      Lifecycle lifecycle,
      Waiters waiters,
      ContainerEvents events,
      boolean layered) {
    this.runtime = runtime;
    this.records = records;
    this.pods = pods;
    this.stopping = stopping;
    this.lifecycle = lifecycle;
    this.waiters = waiters;
    this.events = events;
    this.layered = layered;
  }

  /**
   * Removes one.
   *
   * @param volumes with the volumes that were made for it alone
   * @param force also if it runs
   */
  void remove(DockerContainer container, boolean volumes, boolean force)
      throws EngineException, IOException, InterruptedException {
    lifecycle.cancelRestart(container);
    if (container.status().isRunning()) {
      if (!force) {
        String what = container.status() == Status.PAUSED ? "paused" : "running";
        throw EngineException.conflict(
            container.status() == Status.PAUSED
                ? "cannot remove container \"/%s\": container is paused and must be unpaused first"
                    .formatted(container.name())
                : "cannot remove container \"/%s\": container is %s: stop the container before removing or force remove"
                    .formatted(container.name(), what));
      }
      try {
        stopping.kill(container, "KILL");
      } catch (EngineException e) {
        if (container.status().isRunning()) {
          throw e;
        }
      }
    }
    container.lock().lock();
    try {
      if (records.find(container.id()).isEmpty()) {
        return; // Somebody else was faster: it removed itself.
      }
      container.setStatus(Status.REMOVING);
      records.write(container);
      pods.remove(container);
      if (layered) {
        runtime.layers().remove(RemoveLayerRequest.newBuilder().setKey(container.id()).build());
      }
      if (volumes) {
        removeVolumes(container);
      }
      records.remove(container);
    } finally {
      container.lock().unlock();
    }
    events.tell(container, "destroy");
    waiters.removed(container.id(), new Waiters.Outcome(container.exitCode(), ""));
  }

  private void removeVolumes(DockerContainer container) {
    for (String name : container.anonymousVolumes()) {
      boolean used =
          records.all().stream()
              .filter(other -> other != container)
              .anyMatch(other -> other.mounts().findValuesAsText("Name").contains(name));
      if (!used) {
        try {
          runtime.volumes().remove(RemoveVolumeRequest.newBuilder().setName(name).build());
        } catch (StatusRuntimeException e) {
          if (e.getStatus().getCode() != Code.NOT_FOUND) {
            throw e;
          }
        }
      }
    }
  }
}
