package io.gantry.cri.daemon;

import com.sun.management.OperatingSystemMXBean;
import io.gantry.cri.apparmor.KernelAppArmorProfiles;
import io.gantry.cri.build.BuildParts;
import io.gantry.cri.cdi.Devices;
import io.gantry.cri.cgroup.CgroupDriver;
import io.gantry.cri.cgroup.Drivers;
import io.gantry.cri.cgroup.ShimScope;
import io.gantry.cri.checkpoint.CheckpointParts;
import io.gantry.cri.cni.NetworkTemplate;
import io.gantry.cri.cni.Networks;
import io.gantry.cri.config.Config;
import io.gantry.cri.container.Bundles;
import io.gantry.cri.container.CgroupLeftovers;
import io.gantry.cri.container.CgroupUpkeep;
import io.gantry.cri.container.CheckpointSources;
import io.gantry.cri.container.Container;
import io.gantry.cri.container.ContainerCgroups;
import io.gantry.cri.container.ContainerParts;
import io.gantry.cri.container.ForeignLeftovers;
import io.gantry.cri.container.Leftovers;
import io.gantry.cri.criu.Criu;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.files.LayerFiles;
import io.gantry.cri.files.LayerViews;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.images.CheckAfterCrash;
import io.gantry.cri.images.CheckImages;
import io.gantry.cri.images.ExtensionHandlers;
import io.gantry.cri.images.ImageHandlers;
import io.gantry.cri.images.PullSettings;
import io.gantry.cri.layers.LayerQuotas;
import io.gantry.cri.layers.LinuxLayerTrees;
import io.gantry.cri.machine.NodeId;
import io.gantry.cri.machine.NodeInfoHandler;
import io.gantry.cri.namedvolume.NamedVolumes;
import io.gantry.cri.namedvolume.VolumeRpcs;
import io.gantry.cri.networks.NetworkService;
import io.gantry.cri.nri.LinuxPluginLauncher;
import io.gantry.cri.nri.Nri;
import io.gantry.cri.nri.NriSettings;
import io.gantry.cri.operation.Operations;
import io.gantry.cri.pod.PodService;
import io.gantry.cri.pod.Pods;
import io.gantry.cri.process.ProcessRpcs;
import io.gantry.cri.recovery.ContainerRecovery;
import io.gantry.cri.recovery.Orphans;
import io.gantry.cri.selinux.Relabeling;
import io.gantry.cri.selinux.SeLinuxDefaults;
import io.gantry.cri.session.ContainerStreams;
import io.gantry.cri.shims.Handlers;
import io.gantry.cri.shims.ShimManager;
import io.gantry.cri.shims.ShimPlace;
import io.gantry.cri.shims.ShimSettings;
import io.gantry.cri.shims.Shims;
import io.gantry.cri.spec.ContainerSpec;
import io.gantry.cri.spec.DeviceEdits;
import io.gantry.cri.spec.HostFacts;
import io.gantry.cri.spec.LinuxHost;
import io.gantry.cri.spec.NodeSeccompProfiles;
import io.gantry.cri.status.KernelFeatures;
import io.gantry.cri.status.ProbedHandlers;
import io.gantry.cri.status.RuntimeConfigHandler;
import io.gantry.cri.status.StatusHandler;
import io.gantry.cri.status.UpdateRuntimeConfigHandler;
import io.gantry.cri.status.UserNamespaceProbe;
import io.gantry.cri.status.VersionHandler;
import io.gantry.cri.streaming.AttachHandler;
import io.gantry.cri.streaming.ExecHandler;
import io.gantry.cri.streaming.PortForwardHandler;
import io.gantry.cri.streaming.StreamingServer;
import io.gantry.cri.streaming.StreamingSettings;
import io.gantry.cri.systemd.Systemd;
import io.gantry.cri.volume.ImageVolumes;
import io.gantry.cri.writable.LayerRpcs;
import io.gantry.cri.writable.WritableLayers;
import io.gantry.image.LocalImages;
import io.gantry.image.MachineStop;
import io.gantry.image.distribution.RegistryServer;
import io.gantry.image.distribution.RegistryStorage;
import io.gantry.image.unpack.FileUnpacker;
import io.gantry.proto.cri.v1.ImageServiceGrpc;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.v1.BuilderGrpc;
import io.gantry.proto.v1.ContainersGrpc;
import io.gantry.proto.v1.ImagesGrpc;
import io.gantry.proto.v1.LayersGrpc;
import io.gantry.proto.v1.NetworksGrpc;
import io.gantry.proto.v1.NodeGrpc;
import io.gantry.proto.v1.NodeInfo;
import io.gantry.proto.v1.VolumesGrpc;
import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.ProjectQuotas;
import io.gantry.runtime.linux.SecurityModules;
import io.gantry.runtime.linux.cgroup.CgroupTree;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.oci.OciUser;
import io.gantry.runtime.shim.ShimCommand;
import io.grpc.ServerServiceDefinition;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Puts the daemon's parts together. Every constructor that takes a collaborator is called here;
 * nothing else knows more than its own collaborators.
 */
final class Composition implements AutoCloseable {
  private final Operations operations = new Operations();
  private final RpcService runtime =
      RpcService.of(RuntimeServiceGrpc.getServiceDescriptor(), operations);
  private final RpcService image =
      RpcService.of(ImageServiceGrpc.getServiceDescriptor(), operations);
  private final RpcService imagesBeyondCri =
      RpcService.of(ImagesGrpc.getServiceDescriptor(), operations);
  private final RpcService builder = RpcService.of(BuilderGrpc.getServiceDescriptor(), operations);
  private final RpcService layers = RpcService.of(LayersGrpc.getServiceDescriptor(), operations);
  private final RpcService volumes = RpcService.of(VolumesGrpc.getServiceDescriptor(), operations);
  private final RpcService machine = RpcService.of(NodeGrpc.getServiceDescriptor(), operations);
  private final RpcService namedNetworks =
      RpcService.of(NetworksGrpc.getServiceDescriptor(), operations);
  private final RpcService processes =
      RpcService.of(ContainersGrpc.getServiceDescriptor(), operations);
  private final Supplier<Config> config;
  private final Config.Paths paths;
  private final Clock clock = Clock.systemUTC();
  private final ExecutorService work = threads();
  private final Linux linux = Linux.open();
  private final LayerQuotas quotas = new LayerQuotas(linux.files(), ProjectQuotas.ofThisKernel());
  private final LinuxLayerTrees trees = new LinuxLayerTrees(linux.files(), Optional.of(quotas));

  /** For tests alone, see CONTRIBUTING.md; without the variable there are none. */
  private final FaultPoints faults =
      FaultPoints.obeying(Optional.ofNullable(System.getenv("GANTRY_FAULT_POINTS")).map(Path::of));

  private final Launcher launcher;
  private final Criu criu;
  private final Cgroups cgroups;
  private final Optional<Systemd> systemd = Systemd.ofThisMachine();
  private final CgroupDriver cgroupDriver;
  private final Networks networks;
  private final LocalImages images;
  private final CheckAfterCrash imageCheck;
  private final Optional<RegistryServer> registry;
  private final Optional<SeLinuxDefaults> seLinux;
  private final HostFacts host;
  private final Devices devices;
  private final ImageVolumes imageVolumes;
  private final WritableLayers writableLayers;
  private final Shims shims;
  private final Nri nri;
  private final Watching watching;
  private final ContainerParts containers;
  private final NetworkService networkService;
  private final PodService pods;
  private final StreamingServer streaming;
  private final ContainerRecovery recovery;
  private final CheckpointParts checkpoints;
  private final BuildParts builds;

  private Composition(Supplier<Config> config) throws IOException {
    this.config = config;
    paths = config.get().paths();
    launcher = new Launcher(linux);
    criu = new Criu(() -> this.config.get().checkpoint().criu());
    cgroups = CgroupTree.open(linux);
    cgroupDriver = Drivers.choose(config.get().cgroup(), systemd, linux, launcher, cgroups);
    networks = Networks.open(config.get().cni(), paths.cniResults(), clock, faults);
    node();
    MachineStop lastStop = MachineStop.begin(paths.root(), linux.host().bootId());
    images = images();
    imageCheck = new CheckAfterCrash(images, lastStop);
    registry = registry();
    seLinux = seLinux();
    host = new LinuxHost(linux, cgroups.version() == Cgroups.Version.V2, seLinux);
    devices = new Devices(() -> config.get().cdi().specDirs());
    imageVolumes = new ImageVolumes(images, linux, paths.imageVolumes());
    writableLayers = writableLayers();
    shims = shims();
    Pods allPods = PodService.openPods(paths, faults);
    Bundles bundles = new Bundles(paths.bundles());
    ContainerCgroups containerCgroups =
        new ContainerCgroups(cgroups, cgroupDriver, this::isOwnShim, bundles);
    watching =
        new Watching(
            paths, linux, allPods, containerCgroups, images.snapshots(), operations, clock);
    nri =
        new Nri(
            nriSettings(),
            allPods,
            bundles,
            new LinuxPluginLauncher(linux, new Launcher(linux), paths.state()),
            (names, spec) -> DeviceEdits.apply(names, spec, devices, host));
    Leftovers leftovers =
        new ForeignLeftovers(linux.mounts(), bundles, new CgroupLeftovers(containerCgroups));
    containers = containers(allPods, bundles, leftovers, containerCgroups);
    files();
    networkService = NetworkService.open(config.get(), linux, networks, allPods, clock, faults);
    networkService.register(namedNetworks);
    pods = pods(allPods);
    streaming = streaming(allPods);
    checkpoints = checkpoints(allPods, bundles);
    builds = builds(allPods);
    recovery =
        new ContainerRecovery(
            containers.containers(),
            shims,
            containers.exits(),
            containers.release(),
            containers.removal(),
            new Orphans(bundles, images.snapshots(), leftovers, writableLayers::owns),
            pod -> allPods.find(pod).isPresent());
  }

  /**
   * Builds all parts and starts those that run by themselves.
   *
   * @param config the settings in force; asked anew wherever a re-read may take effect
   */
  static Composition of(Supplier<Config> config) throws IOException {
    return new Composition(config);
  }

  /**
   * Brings what an earlier daemon left behind back in line with the kernel, before the first
   * request. Containers come after pods: those of a pod that is gone go, too.
   */
  void recover() throws IOException, InterruptedException {
    images.finishRemovals();
    images.clearInterrupted();
    pods.recover();
    networkService.recover();
    imageVolumes.recover();
    recovery.run();
    adoptLayers();
    checkpoints.recover();
    builds.recover();
    watching.begin();
    imageCheck.begin(config.get().images().checkAfterCrash());
    if (config.get().nri().enable()) {
      nri.start(containers.containers(), containers.limits(), containers::evict);
    }
  }

  /** Ends what would keep the server from stopping. */
  void beforeStop() {
    watching.endStreams();
  }

  List<ServerServiceDefinition> services() {
    return List.of(
        runtime.build(),
        image.build(),
        imagesBeyondCri.build(),
        layers.build(),
        processes.build(),
        builder.build(),
        volumes.build(),
        machine.build(),
        namedNetworks.build());
  }

  private void node() throws IOException {
    var updateRuntimeConfig =
        new UpdateRuntimeConfigHandler(
            config
                .get()
                .cni()
                .confTemplate()
                .map(template -> new NetworkTemplate(template, config.get().cni().confDir())));
    var kernel =
        KernelFeatures.probe(
            linux,
            cgroups.version(),
            new UserNamespaceProbe(linux, launcher).problem(paths.root()));
    kernel.log();
    machine(kernel);
    var handlers = ProbedHandlers.probe(config.get().runtimes(), handlers(), kernel);
    handlers.log();
    runtime
        .handle(RuntimeServiceGrpc.getVersionMethod(), new VersionHandler(Release.version()))
        .handle(
            RuntimeServiceGrpc.getStatusMethod(),
            new StatusHandler(
                config, networks, kernel, handlers, updateRuntimeConfig, operations, cgroupDriver))
        .handle(
            RuntimeServiceGrpc.getRuntimeConfigMethod(),
            new RuntimeConfigHandler(cgroupDriver.isSystemd()))
        .handle(RuntimeServiceGrpc.getUpdateRuntimeConfigMethod(), updateRuntimeConfig);
  }

  private LocalImages images() throws IOException {
    LocalImages opened =
        LocalImages.open(PullSettings.of(config, System.getenv()), trees, clock, faults::reach);
    ImageHandlers.register(image, opened, clock);
    imagesBeyondCri.stream(ImagesGrpc.getCheckMethod(), new CheckImages(opened));
    ExtensionHandlers.register(imagesBeyondCri, opened);
    return opened;
  }

  private WritableLayers writableLayers() throws IOException {
    WritableLayers opened = WritableLayers.open(paths.writableLayers(), images, clock, faults);
    images.content().claims().add(opened::claimed);
    new LayerRpcs(opened, images.snapshots()).register(layers);
    return opened;
  }

  /** What can be done with files of containers, beside the containers. */
  private void files() throws IOException {
    LayerViews views =
        new LayerViews(
            writableLayers,
            images.snapshots(),
            containers.containers(),
            trees,
            linux,
            paths.view());
    new LayerFiles(
            views,
            writableLayers,
            images,
            containers.containers(),
            layer -> {
              OciUser user = containers.userOf(layer);
              return new FileUnpacker.Owner((int) user.uid(), (int) user.gid());
            })
        .register(layers);
    NamedVolumes named =
        NamedVolumes.open(
            paths.volumeRecords(),
            paths.volumes(),
            trees,
            linux.mounts(),
            clock,
            new SecureRandom(),
            containers::userOfDirectory,
            faults);
    new VolumeRpcs(named, writableLayers, images).register(volumes);
  }

  private void machine(KernelFeatures kernel) throws IOException {
    SecurityModules modules = SecurityModules.of(linux.files());
    NodeInfo.Builder lasting =
        NodeInfo.newBuilder()
            .setKernelVersion(kernel.release())
            .setOperatingSystem(NodeInfoHandler.operatingSystem())
            .setArchitecture(System.getProperty("os.arch").equals("amd64") ? "x86_64" : "aarch64")
            .setMemoryBytes(
                ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                    .getTotalMemorySize())
            .setCgroupVersion(cgroups.version() == Cgroups.Version.V2 ? "2" : "1")
            .setCgroupDriver(cgroupDriver.isSystemd() ? "systemd" : "cgroupfs")
            .setRoot(paths.root().toString())
            .addSecurityOptions("name=seccomp,profile=builtin")
            .setVersion(Release.version())
            .setStorageDriver("overlayfs")
            .setBackingFilesystem(Files.getFileStore(paths.root()).type())
            .setId(NodeId.of(paths.nodeId()));
    if (modules.appArmor()) {
      lasting.addSecurityOptions("name=apparmor");
    }
    if (modules.seLinux()) {
      lasting.addSecurityOptions("name=selinux");
    }
    lasting.addAllWarnings(kernel.missing());
    machine.handle(
        NodeGrpc.getInfoMethod(),
        new NodeInfoHandler(lasting.build(), linux.host(), () -> handlerNames(config.get())));
  }

  /** The default one first. */
  private static List<String> handlerNames(Config config) {
    List<String> names = new ArrayList<>(config.runtimes().byName().keySet());
    names.remove(config.runtimes().defaultName());
    names.add(0, config.runtimes().defaultName());
    return names;
  }

  private void adoptLayers() {
    for (Container container : containers.containers().all()) {
      WritableLayers.keyIn(container.record().config())
          .ifPresent(key -> writableLayers.adopt(key, container.id()));
    }
  }

  private Optional<RegistryServer> registry() throws IOException {
    Optional<InetSocketAddress> listen = config.get().registryServer().listen();
    if (listen.isEmpty()) {
      RegistryStorage.claim(images.content(), paths.root(), images::collect);
      return Optional.empty();
    }
    RegistryStorage storage =
        RegistryStorage.beside(images.content(), paths.root(), images::collect);
    return Optional.of(ConfiguredRegistry.serve(listen.get(), storage, config, clock));
  }

  private Shims shims() throws IOException {
    Config.Shim settings = config.get().shim();
    ShimCommand command =
        settings
            .executable()
            .map(Composition::homeOf)
            .map(ShimCommand::installed)
            .orElseGet(ShimCommand::current)
            .withMoreFlags(settings.jvmFlags());
    return ShimManager.open(
        ShimSettings.of(paths.shims(), settings.poolSize(), settings.startTimeout()),
        command,
        handlers(),
        shimPlace());
  }

  private ShimPlace shimPlace() {
    boolean isService = System.getenv("NOTIFY_SOCKET") != null;
    return systemd.isPresent() && (isService || cgroupDriver.isSystemd())
        ? new ShimScope(systemd.get())::take
        : ShimPlace.BESIDE_THE_DAEMON;
  }

  private boolean isOwnShim(String handler) {
    return config.get().runtimes().find(handler).map(Config.Runtime::isOwn).orElse(true);
  }

  private Handlers handlers() {
    return new Handlers(
        config.get().runtimes(),
        paths.runtimes(),
        System.getenv().getOrDefault("PATH", ""),
        Optional.ofNullable(System.getProperty("gantry.home")).map(home -> Path.of(home, "bin")));
  }

  /** A launcher lies in the directory {@code bin} of its distribution. */
  private static Path homeOf(Path launcher) {
    return launcher.toAbsolutePath().getParent().getParent();
  }

  private ContainerParts containers(
      Pods allPods, Bundles bundles, Leftovers leftovers, CgroupUpkeep upkeep) throws IOException {
    ContainerSpec specs =
        new ContainerSpec(
            host,
            new NodeSeccompProfiles(linux.host().kernel()),
            new KernelAppArmorProfiles(linux),
            devices,
            cgroupDriver::member,
            config.get().runtimes());
    ContainerParts parts =
        new ContainerParts(
            new ContainerParts.Needs(
                config,
                allPods,
                images,
                shims,
                specs,
                imageVolumes,
                writableLayers,
                quotas,
                new CheckpointSources(images, criu, () -> config.get().checkpoint().images()),
                new Relabeling(linux.files()),
                bundles,
                leftovers,
                upkeep,
                watching.ofContainers(),
                nri.ofContainers(),
                watching.memoryKills(),
                clock,
                work,
                faults));
    parts.register(runtime);
    watching.register(runtime, parts.containers());
    return parts;
  }

  private NriSettings nriSettings() {
    Config.Nri settings = config.get().nri();
    return new NriSettings(
        settings.socket(),
        settings.pluginPath(),
        settings.pluginConfigPath(),
        settings.registrationTimeout(),
        settings.requestTimeout(),
        settings.serial(),
        Release.version());
  }

  private Optional<SeLinuxDefaults> seLinux() throws IOException {
    boolean wanted = config.get().containers().seLinux();
    return wanted && SecurityModules.of(linux.files()).seLinux()
        ? Optional.of(SeLinuxDefaults.read(Path.of("/etc/selinux")))
        : Optional.empty();
  }

  private PodService pods(Pods allPods) throws IOException {
    PodService service =
        new PodService(
            config,
            linux,
            launcher,
            cgroups,
            cgroupDriver,
            networks,
            allPods,
            containers.ofPods(),
            networkService.ofPods(),
            nri.ofPods(),
            seLinux,
            clock,
            faults);
    service.register(runtime);
    return service;
  }

  private StreamingServer streaming(Pods allPods) throws IOException {
    Config.Streaming settings = config.get().streaming();
    StreamingServer server =
        StreamingServer.start(
            new StreamingSettings(
                settings.address(),
                settings.port(),
                settings
                    .tlsCert()
                    .map(cert -> new StreamingSettings.Tls(cert, settings.tlsKey().orElseThrow())),
                settings.idleTimeout(),
                settings.streamCreationTimeout()),
            work);
    ContainerStreams streams = new ContainerStreams(containers.running(), containers.processes());
    new ProcessRpcs(containers.running(), containers.pausing(), containers.endings(), streams)
        .register(processes);
    runtime
        .handle(RuntimeServiceGrpc.getExecMethod(), new ExecHandler(server, streams))
        .handle(RuntimeServiceGrpc.getAttachMethod(), new AttachHandler(server, streams))
        .handle(
            RuntimeServiceGrpc.getPortForwardMethod(),
            new PortForwardHandler(server, allPods, linux));
    return server;
  }

  private CheckpointParts checkpoints(Pods allPods, Bundles bundles) throws IOException {
    CheckpointParts parts =
        new CheckpointParts(
            new CheckpointParts.Needs(
                paths,
                criu,
                allPods,
                pods.filled(),
                containers,
                bundles,
                images,
                trees,
                faults,
                clock));
    parts.register(runtime);
    return parts;
  }

  private BuildParts builds(Pods allPods) throws IOException {
    BuildParts parts =
        new BuildParts(
            new BuildParts.Needs(
                images.workshop(),
                allPods,
                pods.filled(),
                containers.maker(),
                containers.starter(),
                networkService.ofBuilds(),
                linux.mounts(),
                paths.builds(),
                paths.buildState(),
                work,
                clock,
                faults));
    parts.register(builder);
    return parts;
  }

  /**
   * For work that blocks; unbounded, because the end of one container must not wait for another.
   */
  private static ExecutorService threads() {
    AtomicInteger count = new AtomicInteger();
    return Executors.newCachedThreadPool(
        task -> {
          Thread thread = new Thread(task, "work-" + count.incrementAndGet());
          thread.setDaemon(true);
          return thread;
        });
  }

  /** Ends in the reverse order of the beginning; containers and their shims live on. */
  @Override
  public void close() throws IOException {
    streaming.close();
    networkService.close();
    nri.close();
    containers.close();
    watching.close();
    shims.close();
    registry.ifPresent(RegistryServer::close);
    images.close();
    work.shutdown();
    systemd.ifPresent(Systemd::close);
    imageCheck.close();
  }
}
