package io.gantry.cri.container;

import io.gantry.cri.config.Config;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.layers.LayerQuotas;
import io.gantry.cri.pod.PodContainers;
import io.gantry.cri.pod.Pods;
import io.gantry.cri.selinux.Relabeling;
import io.gantry.cri.shims.ExecSyncCommand;
import io.gantry.cri.shims.OutputMemory;
import io.gantry.cri.shims.Shims;
import io.gantry.cri.spec.ContainerSpec;
import io.gantry.cri.volume.ImageVolumes;
import io.gantry.cri.writable.WritableLayer;
import io.gantry.cri.writable.WritableLayers;
import io.gantry.image.Images;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.runtime.oci.OciUser;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** Puts this package's parts together. */
public final class ContainerParts implements AutoCloseable {
  private final Needs needs;
  private final Containers containers;
  private final TaskRelease release;
  private final ExitWatch exits;
  private final Stopping stopping;
  private final Removal removal;
  private final RunningContainers running;
  private final ExecProcesses processes;
  private final LimitChanges limits;
  private final ContainerMaker maker;

  /**
   * What the parts need from elsewhere.
   *
   * @param executor runs work that blocks; it must not bound the number of threads, since one exit
   *     must not wait for another
   */
  public record Needs(
      Supplier<Config> config,
      Pods pods,
      Images images,
      Shims shims,
      ContainerSpec specs,
      ImageVolumes imageVolumes,
      WritableLayers layers,
      LayerQuotas quotas,
      CheckpointSources checkpoints,
      Relabeling relabeling,
      Bundles bundles,
      Leftovers leftovers,
      CgroupUpkeep cgroups,
      ContainerEvents events,
      ContainerHooks hooks,
      MemoryKills memoryKills,
      Clock clock,
      Executor executor,
      FaultPoints faults) {}

  public ContainerParts(Needs needs) throws IOException {
    this.needs = needs;
    containers = Containers.open(needs.config.get().paths().containerRecords(), needs.faults);
    release = new TaskRelease(needs.leftovers, needs.cgroups);
    exits =
        new ExitWatch(
            containers,
            needs.shims,
            release,
            needs.events,
            needs.hooks,
            needs.memoryKills,
            needs.clock,
            needs.executor);
    limits = new LimitChanges(containers, needs.hooks, needs.cgroups);
    running = new RunningContainers(containers);
    processes = new ExecProcesses(needs.bundles, needs.specs, needs.images.snapshots());
    stopping = new Stopping(release, exits, new CallerPatience());
    removal =
        new Removal(
            containers,
            stopping,
            release,
            needs.bundles,
            needs.images.snapshots(),
            needs.imageVolumes,
            needs.layers,
            needs.events,
            needs.hooks);
    maker = newMaker();
  }

  /** Changes limits of containers in place. */
  public LimitChanges limits() {
    return limits;
  }

  /** Ends a container at once; does nothing unless it runs. */
  public void evict(String id) throws IOException, InterruptedException {
    Optional<Container> container = containers.find(id);
    if (container.isPresent()) {
      stopping.stop(container.get(), Duration.ZERO);
    }
  }

  public Containers containers() {
    return containers;
  }

  public TaskRelease release() {
    return release;
  }

  public ExitWatch exits() {
    return exits;
  }

  public Removal removal() {
    return removal;
  }

  public ContainerMaker maker() {
    return maker;
  }

  /** Starts containers. */
  public StartContainerHandler starter() {
    return new StartContainerHandler(
        needs.pods, containers, exits, needs.events, needs.hooks, needs.clock);
  }

  public RunningContainers running() {
    return running;
  }

  /** As whom a program runs in a layer that no container says otherwise of. */
  public OciUser userOf(WritableLayer layer) throws IOException {
    return needs.specs.imageUser(
        layer.imageOrNothing().config().user(),
        Preparation.rootFiles(needs.images.snapshots(), layer.snapshotKey()));
  }

  /** A container that has something of a directory of the host mounted. */
  public Optional<String> userOfDirectory(Path directory) {
    return containers.all().stream()
        .filter(
            container ->
                container.record().config().getMountsList().stream()
                    .anyMatch(
                        mount -> Path.of(mount.getHostPath()).normalize().startsWith(directory)))
        .map(Container::id)
        .findFirst();
  }

  /** Has containers stand still. */
  public Pausing pausing() {
    return new Pausing(running);
  }

  /** Waits for ends of containers. */
  public Endings endings() {
    return new Endings(containers, new CallerPatience());
  }

  public ExecProcesses processes() {
    return processes;
  }

  /** What pods are told of containers. */
  public PodContainers ofPods() {
    return new ContainersOfPods(containers, stopping, removal, needs.executor);
  }

  /** Gives every RPC of containers its handler. */
  public void register(RpcService runtime) {
    ListContainersHandler list = new ListContainersHandler(containers);
    runtime
        .handle(
            RuntimeServiceGrpc.getCreateContainerMethod(),
            new CreateContainerHandler(needs.pods, containers, maker))
        .handle(
            RuntimeServiceGrpc.getStartContainerMethod(),
            new StartContainerHandler(
                needs.pods, containers, exits, needs.events, needs.hooks, needs.clock))
        .handle(
            RuntimeServiceGrpc.getStopContainerMethod(),
            new StopContainerHandler(containers, stopping))
        .handle(
            RuntimeServiceGrpc.getRemoveContainerMethod(),
            new RemoveContainerHandler(containers, removal))
        .handle(RuntimeServiceGrpc.getListContainersMethod(), list)
        .stream(RuntimeServiceGrpc.getStreamContainersMethod(), list)
        .handle(
            RuntimeServiceGrpc.getContainerStatusMethod(),
            new ContainerStatusHandler(containers, needs.bundles))
        .handle(
            RuntimeServiceGrpc.getExecSyncMethod(),
            new ExecSyncHandler(
                running,
                processes,
                () -> needs.config.get().containers().execOutputBytes(),
                new OutputMemory(execMemoryBytes()),
                ExecSyncHandler::whenCallIsOver))
        .handle(
            RuntimeServiceGrpc.getReopenContainerLogMethod(),
            new ReopenContainerLogHandler(running))
        .handle(
            RuntimeServiceGrpc.getUpdateContainerResourcesMethod(),
            new UpdateContainerResourcesHandler(limits));
  }

  /**
   * An eighth of the heap, which leaves room for the copies that an answer is sent from; but enough
   * for one command that prints all that the CRI allows.
   */
  private static long execMemoryBytes() {
    return Math.max(
        Runtime.getRuntime().maxMemory() / 8, 2 * ExecSyncCommand.DEFAULT_OUTPUT_LIMIT_BYTES);
  }

  private ContainerMaker newMaker() {
    Preparation preparation =
        new Preparation(
            needs.images,
            needs.specs,
            needs.bundles,
            containers,
            needs.hooks,
            needs.imageVolumes,
            needs.checkpoints,
            needs.relabeling,
            needs.layers,
            new LayerLimit(
                needs.quotas::limit, () -> needs.config.get().containers().writableLayerBytes()),
            needs.clock);
    return new ContainerMaker(
        preparation,
        containers,
        needs.shims,
        needs.cgroups,
        needs.events,
        () -> needs.config.get().containers().maxLogLineBytes(),
        new SecureRandom());
  }

  /** Containers live on; their ends are the next daemon's to record. */
  @Override
  public void close() {
    exits.close();
  }
}
