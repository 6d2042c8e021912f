package io.gantry.cri.build;

import io.gantry.cri.container.ContainerMaker;
import io.gantry.cri.container.StartContainerHandler;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.pod.FilledPods;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.Pods;
import io.gantry.image.ImageWorkshop;
import io.gantry.image.build.Builder;
import io.gantry.image.build.CacheUpkeep;
import io.gantry.proto.v1.BuilderGrpc;
import io.gantry.proto.v1.CacheEntry;
import io.gantry.proto.v1.CacheUsageResponse;
import io.gantry.proto.v1.PruneCacheRequest;
import io.gantry.proto.v1.PruneCacheResponse;
import io.gantry.runtime.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;

/** Puts this package's parts together. */
public final class BuildParts {

  /**
   * What the parts need from elsewhere.
   *
   * @param directory where builds keep things; on the file system of the images
   * @param state where their mounts are
   * @param executor runs work that blocks; must not bound the number of threads
   */
  public record Needs(
      ImageWorkshop workshop,
      Pods pods,
      FilledPods filled,
      ContainerMaker maker,
      StartContainerHandler start,
      StepNetworks networks,
      Mounts mounts,
      Path directory,
      Path state,
      Executor executor,
      Clock clock,
      FaultPoints faults) {}

  private final Needs needs;
  private final Path logs;
  private final Builder builder;

  public BuildParts(Needs needs) throws IOException {
    this.needs = needs;
    this.logs = needs.directory.resolve("logs");
    PodStepRunner runner =
        new PodStepRunner(
            new PodStepRunner.Needs(
                needs.pods,
                needs.filled,
                needs.maker,
                needs.start,
                needs.networks,
                needs.mounts,
                needs.workshop.trees(),
                logs,
                needs.state));
    this.builder =
        Builder.open(
            needs.workshop,
            needs.directory,
            runner,
            needs.executor,
            needs.clock,
            needs.faults::reach);
  }

  /** Removes what steps left that a crash of the daemon has ended. After pods and containers. */
  public void recover() throws IOException, InterruptedException {
    for (Pod pod : needs.pods.list()) {
      if (pod.config().containsLabels(StepPod.LABEL)) {
        needs.filled.remove(pod.id());
      }
    }
    if (Files.exists(logs)) {
      needs.workshop.trees().delete(logs);
    }
    for (Path left : StepMemory.entries(needs.state)) {
      StepMemory.clear(needs.mounts, left);
    }
  }

  /** Gives every RPC of the service its handler. */
  public void register(RpcService service) {
    service
        .converse(
            BuilderGrpc.getBuildMethod(), new BuildHandler(builder, needs.networks, needs.executor))
        .handle(BuilderGrpc.getPruneCacheMethod(), this::prune)
        .handle(BuilderGrpc.getCacheUsageMethod(), request -> usage());
  }

  private PruneCacheResponse prune(PruneCacheRequest request) throws IOException {
    CacheUpkeep.Pruned pruned =
        builder
            .cache()
            .prune(
                new CacheUpkeep.Pruning(
                    request.getAll(),
                    request.getKeepBytes(),
                    Duration.ofSeconds(request.getUnusedForSeconds())));
    return PruneCacheResponse.newBuilder()
        .addAllIds(pruned.ids())
        .setFreedBytes(pruned.freedBytes())
        .build();
  }

  private CacheUsageResponse usage() throws IOException {
    CacheUsageResponse.Builder usage = CacheUsageResponse.newBuilder();
    for (CacheUpkeep.Entry entry : builder.cache().list()) {
      usage.addEntries(
          CacheEntry.newBuilder()
              .setId(entry.id())
              .setParentId(entry.parent())
              .setDescription(entry.description())
              .setSizeBytes(entry.sizeBytes())
              .setCreatedAtNanos(nanos(entry.created()))
              .setLastUsedAtNanos(nanos(entry.lastUsed()))
              .setUses(entry.uses())
              .setInUse(entry.inUse()));
    }
    return usage.build();
  }

  private static long nanos(Instant time) {
    return time.getEpochSecond() * 1_000_000_000L + time.getNano();
  }
}
