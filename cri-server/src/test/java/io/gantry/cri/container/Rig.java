package io.gantry.cri.container;

import io.gantry.cri.cdi.Devices;
import io.gantry.cri.criu.Criu;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.PodPaths;
import io.gantry.cri.pod.PodState;
import io.gantry.cri.pod.Pods;
import io.gantry.cri.pod.PodsFixture;
import io.gantry.cri.selinux.Relabeling;
import io.gantry.cri.spec.ContainerSpec;
import io.gantry.cri.spec.FakeAppArmor;
import io.gantry.cri.spec.FakeHost;
import io.gantry.cri.spec.SeccompProfiles;
import io.gantry.cri.volume.ImageVolumes;
import io.gantry.cri.writable.WritableLayers;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.CreateContainerRequest;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import io.gantry.proto.cri.v1.StartContainerRequest;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.oci.OciSeccomp;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;

/**
 * The whole package put together around fakes: one ready pod "pod-1", and time that passes only
 * when told.
 */
public final class Rig {
  public static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  public static final String POD = "pod-1";

  public final Path directory;
  public final FakeShims shims = new FakeShims();
  public final FakeImages images = new FakeImages();
  public final List<String> events = new ArrayList<>();
  public final List<String> cleared = new ArrayList<>();
  public final Clock clock = Clock.fixed(NOW, ZoneOffset.UTC);
  public final Pods pods;
  public final Containers containers;
  public final Bundles bundles;
  public final WritableLayers layers;
  public final TaskRelease release;
  public final ExitWatch exits;
  public final Removal removal;
  final ContainerSpec specs;
  final Stopping stopping;
  final ContainersOfPods ofPods;
  final CreateContainerHandler create;
  final StartContainerHandler start;

  /** What happens while someone waits; by default nothing, so that every wait is in vain. */
  public Runnable whileWaiting = () -> {};

  public final List<Duration> waits = new ArrayList<>();

  public Rig(Path directory) throws IOException, InterruptedException {
    this(directory, directory.resolve("logs").toString());
  }

  /**
   * @param logDirectory of the pod; may be empty
   */
  Rig(Path directory, String logDirectory) throws IOException, InterruptedException {
    this.directory = directory;
    pods = PodsFixture.of(directory.resolve("pods"), pod(logDirectory));
    containers = Containers.open(directory.resolve("containers"), FaultPoints.NONE);
    bundles = new Bundles(directory.resolve("bundles"));
    layers =
        WritableLayers.open(directory.resolve("writable-layers"), images, clock, FaultPoints.NONE);
    ContainerEvents listener =
        (type, record) -> events.add(type.name().replaceAll("CONTAINER_|_EVENT", ""));
    release = new TaskRelease(cleared::add, CgroupUpkeep.NONE);
    exits =
        new ExitWatch(
            containers,
            shims,
            release,
            listener,
            ContainerHooks.NONE,
            MemoryKills.UNTOLD,
            clock,
            Runnable::run);
    ImageVolumes imageVolumes =
        new ImageVolumes(images, Linux.open(), directory.resolve("image-volumes"));
    stopping = new Stopping(release, exits, this::await);
    removal =
        new Removal(
            containers,
            stopping,
            release,
            bundles,
            images.snapshots,
            imageVolumes,
            layers,
            listener,
            ContainerHooks.NONE);
    ofPods = new ContainersOfPods(containers, stopping, removal, Runnable::run);
    specs =
        new ContainerSpec(
            new FakeHost(),
            new NoProfiles(),
            new FakeAppArmor(),
            new Devices(List::of),
            (pod, id) -> pod + "/" + id,
            io.gantry.cri.config.Config.defaults().runtimes());
    Preparation preparation =
        new Preparation(
            images,
            specs,
            bundles,
            containers,
            ContainerHooks.NONE,
            imageVolumes,
            new CheckpointSources(images, new Criu(() -> "/nonexistent/criu"), () -> true),
            new Relabeling(Linux.open().files()),
            layers,
            new LayerLimit((directories, bytes) -> {}, () -> 0),
            clock);
    create =
        new CreateContainerHandler(
            pods,
            containers,
            new ContainerMaker(
                preparation,
                containers,
                shims,
                CgroupUpkeep.NONE,
                listener,
                () -> 16384,
                RandomGenerator.getDefault()));
    start =
        new StartContainerHandler(pods, containers, exits, listener, ContainerHooks.NONE, clock);
  }

  private boolean await(CompletableFuture<?> event, Duration limit) {
    waits.add(limit);
    if (!event.isDone()) {
      whileWaiting.run();
    }
    return event.isDone();
  }

  public static ContainerConfig.Builder config(String name) {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName(name))
        .setImage(ImageSpec.newBuilder().setImage("busybox"));
  }

  public Container created(String name) throws Exception {
    return created(config(name).build());
  }

  public Container created(ContainerConfig config) throws Exception {
    String id =
        create
            .handle(
                CreateContainerRequest.newBuilder().setPodSandboxId(POD).setConfig(config).build())
            .getContainerId();
    return containers.get(id);
  }

  public Container running(String name) throws Exception {
    Container container = created(name);
    start(container);
    return container;
  }

  public void start(Container container) throws Exception {
    start.handle(StartContainerRequest.newBuilder().setContainerId(container.id()).build());
  }

  private static Pod pod(String logDirectory) {
    Path directory = Path.of("/pods/pod-1");
    PodPaths paths =
        new PodPaths(
            directory,
            Optional.of(directory.resolve("ns/net")),
            Optional.empty(),
            Optional.empty(),
            Optional.of(directory.resolve("ns/pid")),
            Optional.empty(),
            directory.resolve("shm"),
            directory.resolve("resolv.conf"),
            directory.resolve("hostname"),
            directory.resolve("hosts"));
    PodSandboxConfig config =
        PodSandboxConfig.newBuilder()
            .setMetadata(PodSandboxMetadata.newBuilder().setName("p").setUid("u"))
            .setLogDirectory(logDirectory)
            .build();
    return new Pod(
        POD, config, "", Instant.EPOCH, new PodState.Ready(), List.of(), "h", "/gantry", paths);
  }

  private static final class NoProfiles implements SeccompProfiles {
    @Override
    public OciSeccomp runtimeDefault(Set<String> capabilities) {
      throw new AssertionError("not asked for");
    }

    @Override
    public OciSeccomp read(Path file) {
      throw new AssertionError("not asked for");
    }
  }
}
