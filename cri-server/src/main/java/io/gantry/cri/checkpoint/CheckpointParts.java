package io.gantry.cri.checkpoint;

import io.gantry.cri.config.Config;
import io.gantry.cri.container.Bundles;
import io.gantry.cri.container.ContainerParts;
import io.gantry.cri.criu.Criu;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.pod.FilledPods;
import io.gantry.cri.pod.Pods;
import io.gantry.cri.state.RecordStore;
import io.gantry.image.Images;
import io.gantry.image.tree.LayerTrees;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import java.io.IOException;
import java.time.Clock;

/** Puts this package's parts together. */
public final class CheckpointParts {
  private final Needs needs;
  private final Workspaces workspaces;
  private final ContainerCheckpoints ofContainers;
  private final PodCheckpoints ofPods;
  private final PodRestorations restorations;

  /** What the parts need from elsewhere. */
  public record Needs(
      Config.Paths paths,
      Criu criu,
      Pods pods,
      FilledPods filled,
      ContainerParts containers,
      Bundles bundles,
      Images images,
      LayerTrees trees,
      FaultPoints faults,
      Clock clock) {}

  public CheckpointParts(Needs needs) throws IOException {
    this.needs = needs;
    Capture capture = new Capture(needs.bundles, needs.images.snapshots(), needs.clock);
    SharedMemoryFiles sharedMemory = new SharedMemoryFiles(needs.trees);
    workspaces = new Workspaces(needs.paths.checkpoints());
    ofContainers =
        new ContainerCheckpoints(needs.criu, workspaces, needs.containers.running(), capture);
    ofPods =
        new PodCheckpoints(
            needs.pods,
            needs.containers.containers(),
            needs.criu,
            capture,
            sharedMemory,
            RecordStore.open(needs.paths.podCheckpoints(), new PodSaving.Format(), needs.faults),
            needs.faults,
            needs.clock);
    restorations =
        new PodRestorations(
            needs.filled,
            needs.containers.maker(),
            sharedMemory,
            RecordStore.open(
                needs.paths.podRestorations(), new PodRestorations.Format(), needs.faults),
            needs.faults);
  }

  /** Gives every RPC of checkpoints its handler. */
  public void register(RpcService runtime) {
    runtime
        .handle(
            RuntimeServiceGrpc.getCheckpointContainerMethod(),
            new CheckpointContainerHandler(ofContainers))
        .handle(RuntimeServiceGrpc.getCheckpointPodMethod(), new CheckpointPodHandler(ofPods))
        .handle(
            RuntimeServiceGrpc.getRestorePodMethod(),
            new RestorePodHandler(
                restorations, needs.containers.containers(), needs.images, needs.criu));
  }

  /**
   * Ends what an earlier daemon had begun; after pods and containers were recovered, before the
   * first request.
   */
  public void recover() throws IOException, InterruptedException {
    workspaces.recover(needs.containers.containers());
    ofPods.recover();
    restorations.recover();
  }
}
