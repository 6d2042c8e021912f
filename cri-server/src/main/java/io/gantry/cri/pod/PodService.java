package io.gantry.cri.pod;

import io.gantry.cri.cgroup.CgroupDriver;
import io.gantry.cri.cni.Networks;
import io.gantry.cri.config.Config;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.selinux.PodLevels;
import io.gantry.cri.selinux.Relabeling;
import io.gantry.cri.selinux.SeLinuxDefaults;
import io.gantry.cri.state.RecordStore;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.Cgroups;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Everything about pods, put together. */
public final class PodService {
  private final Pods pods;
  private final PodLifecycle lifecycle;
  private final PodRuns runs;
  private final PodLimits limits;
  private final PodNetwork network;
  private final PodConnections connections;
  private final SharedPid sharedPid;
  private final PodRecovery recovery;
  private final FilledPods filled;

  /**
   * @param config the settings in force, asked anew for each pod
   * @param pods all pods; from {@link #openPods}, so that the containers' side can be built on them
   *     before this
   * @param containers the containers' side of a pod's end
   * @param connections the side of further networks
   * @param hooks who else has a say in pods
   * @param seLinux the policy's labels, if pods are to be labelled
   * @param faults passed after each part of a pod is made or undone
   */
  public PodService(
      Supplier<Config> config,
      Linux linux,
      Launcher launcher,
      Cgroups cgroups,
      CgroupDriver driver,
      Networks networks,
      Pods pods,
      PodContainers containers,
      PodConnections connections,
      PodHooks hooks,
      Optional<SeLinuxDefaults> seLinux,
      Clock clock,
      FaultPoints faults) {
    Config.Paths paths = config.get().paths();
    this.pods = pods;
    this.connections = connections;
    this.network = new PodNetwork(networks, config);
    this.sharedPid = new SharedPid(linux, launcher, cgroups, driver);
    var namespaces = new PinnedNamespaces(linux, launcher);
    var directories = new PodDirectories();
    List<PodPart> parts = new ArrayList<>();
    parts.addAll(
        List.of(
            directories,
            namespaces,
            new PodSysctls(linux, namespaces, config),
            new SharedMemory(linux.mounts(), config),
            sharedPid,
            network,
            new NamedConnections(connections),
            new PodTexts(Path.of("/etc"))));
    seLinux.ifPresent(defaults -> parts.add(labels(linux, paths, defaults)));
    parts.replaceAll(part -> new FaultyPart(part, faults));
    this.lifecycle = new PodLifecycle(pods, directories, parts, containers, hooks);
    this.limits = new PodLimits(pods, cgroups, driver, hooks);
    this.runs = new PodRuns(pods, new PodRequests(config, linux.host(), driver, clock), lifecycle);
    this.filled = new FilledPods(pods, runs, lifecycle);
    this.recovery =
        new PodRecovery(
            pods,
            lifecycle,
            namespaces,
            sharedPid,
            networks,
            paths.podState(),
            driver.defaultParent());
  }

  /** Makes pods that come with something in them. */
  public FilledPods filled() {
    return filled;
  }

  private static PodPart labels(Linux linux, Config.Paths paths, SeLinuxDefaults defaults) {
    return new PodLabels(
        new PodLevels(paths.podState(), new SecureRandom()),
        new Relabeling(linux.files()),
        defaults);
  }

  /** Opens the pods' records without reading them; {@link #recover} does. */
  public static Pods openPods(Config.Paths paths, FaultPoints faults) throws IOException {
    return new Pods(RecordStore.open(paths.podRecords(), new PodRecords(paths.podState()), faults));
  }

  /**
   * Reads what earlier daemons left and brings it in line with the kernel; before the first
   * request.
   */
  public void recover() throws IOException, InterruptedException {
    recovery.recover();
  }

  /** Registers the handlers of all RPCs about pods. */
  public void register(RpcService runtime) {
    ListPodSandboxHandler list = new ListPodSandboxHandler(pods);
    runtime
        .handle(RuntimeServiceGrpc.getRunPodSandboxMethod(), new RunPodSandboxHandler(runs))
        .handle(RuntimeServiceGrpc.getStopPodSandboxMethod(), new StopPodSandboxHandler(lifecycle))
        .handle(
            RuntimeServiceGrpc.getRemovePodSandboxMethod(), new RemovePodSandboxHandler(lifecycle))
        .handle(
            RuntimeServiceGrpc.getPodSandboxStatusMethod(),
            new PodSandboxStatusHandler(pods, network, connections, sharedPid))
        .handle(
            RuntimeServiceGrpc.getUpdatePodSandboxResourcesMethod(),
            new UpdatePodSandboxResourcesHandler(limits))
        .handle(RuntimeServiceGrpc.getListPodSandboxMethod(), list)
        .stream(RuntimeServiceGrpc.getStreamPodSandboxesMethod(), list);
  }
}
