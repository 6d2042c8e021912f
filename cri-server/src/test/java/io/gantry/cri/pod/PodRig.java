package io.gantry.cri.pod;

import io.gantry.cri.cgroup.PlainCgroups;
import io.gantry.cri.cni.Networks;
import io.gantry.cri.config.Config;
import io.gantry.cri.config.IpPreference;
import io.gantry.cri.fault.FaultPoints;
import io.gantry.cri.grpc.RpcService;
import io.gantry.cri.operation.Operations;
import io.gantry.proto.cri.v1.LinuxPodSandboxConfig;
import io.gantry.proto.cri.v1.LinuxSandboxSecurityContext;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import io.gantry.proto.cri.v1.PodSandboxStatus;
import io.gantry.proto.cri.v1.PodSandboxStatusRequest;
import io.gantry.proto.cri.v1.RemovePodSandboxRequest;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc.RuntimeServiceBlockingStub;
import io.gantry.proto.cri.v1.StopPodSandboxRequest;
import io.gantry.runtime.launch.Launcher;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.cgroup.CgroupTree;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The pods' part of the daemon on the real kernel, behind an in-process gRPC channel, in
 * directories of its own.
 */
final class PodRig implements AutoCloseable {
  static final Linux LINUX = Linux.open();

  final Path directory;
  final Config config;
  final Cgroups cgroups;
  final List<String> containerCalls = new ArrayList<>();
  Networks networks;
  Pods pods;
  FilledPods filled;
  RuntimeServiceBlockingStub cri;
  private Server server;
  private ManagedChannel channel;

  PodRig(Path directory) throws Exception {
    this.directory = directory;
    Config defaults = Config.defaults();
    this.config =
        new Config(
            new Config.Paths(directory.resolve("root"), directory.resolve("state")),
            defaults.server(),
            defaults.images(),
            defaults.registry(),
            new Config.Cni(
                Files.createDirectories(directory.resolve("net.d")),
                List.of(directory.resolve("bin"), Path.of("/usr/lib/cni")),
                Duration.ofSeconds(20),
                IpPreference.IPV4,
                Optional.empty()),
            defaults.networks(),
            defaults.shim(),
            new Config.Cgroup(
                defaults.cgroup().driver(), Optional.of("/gantry-test-" + directory.getFileName())),
            defaults.pods(),
            defaults.containers(),
            defaults.cdi(),
            defaults.checkpoint(),
            defaults.nri(),
            defaults.streaming(),
            defaults.log(),
            defaults.registryServer(),
            defaults.docker(),
            defaults.runtimes());
    this.cgroups = CgroupTree.open(LINUX);
    Files.createDirectories(config.paths().podState());
    start();
  }

  /** Begins anew on the same directories, as a daemon after kill -9 does. */
  void start() throws Exception {
    stop();
    networks =
        Networks.open(
            config.cni(), config.paths().cniResults(), Clock.systemUTC(), FaultPoints.NONE);
    pods = PodService.openPods(config.paths(), FaultPoints.NONE);
    var service =
        new PodService(
            () -> config,
            LINUX,
            new Launcher(LINUX),
            cgroups,
            new PlainCgroups(cgroups, config.cgroup().defaultParent()),
            networks,
            pods,
            new PodContainers() {
              @Override
              public void stopAll(String podId) {
                containerCalls.add("stop");
              }

              @Override
              public void removeAll(String podId) {
                containerCalls.add("remove");
              }
            },
            PodConnections.NONE,
            PodHooks.NONE,
            Optional.empty(),
            Clock.systemUTC(),
            FaultPoints.NONE);
    service.recover();
    filled = service.filled();
    RpcService runtime = RpcService.of(RuntimeServiceGrpc.getServiceDescriptor(), new Operations());
    service.register(runtime);
    String name = InProcessServerBuilder.generateName();
    server = InProcessServerBuilder.forName(name).addService(runtime.build()).build().start();
    channel = InProcessChannelBuilder.forName(name).build();
    cri = RuntimeServiceGrpc.newBlockingStub(channel);
  }

  private void stop() {
    if (server != null) {
      channel.shutdownNow();
      server.shutdownNow();
    }
  }

  /**
   * A pod on the host's network whose containers have PID namespaces of their own: the least there
   * is.
   */
  static PodSandboxConfig.Builder hostPod(String name) {
    return with(
        name,
        NamespaceOption.newBuilder()
            .setNetwork(NamespaceMode.NODE)
            .setPid(NamespaceMode.CONTAINER));
  }

  static PodSandboxConfig.Builder with(String name, NamespaceOption.Builder namespaces) {
    var pod = PodSandboxConfig.newBuilder();
    pod.setMetadata(
        PodSandboxMetadata.newBuilder().setName(name).setNamespace("test").setUid("uid-" + name));
    pod.setLinux(
        LinuxPodSandboxConfig.newBuilder()
            .setSecurityContext(
                LinuxSandboxSecurityContext.newBuilder().setNamespaceOptions(namespaces)));
    return pod;
  }

  static PodSandboxConfig.Builder withSysctl(
      PodSandboxConfig.Builder pod, String name, String value) {
    return pod.mergeLinux(LinuxPodSandboxConfig.newBuilder().putSysctls(name, value).build());
  }

  String run(PodSandboxConfig.Builder pod) {
    return cri.runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(pod).build())
        .getPodSandboxId();
  }

  void stop(String id) {
    cri.stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  void remove(String id) {
    cri.removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId(id).build());
  }

  PodSandboxStatus status(String id) {
    return cri.podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(id).build())
        .getStatus();
  }

  PodPaths paths(String id) {
    return pods.find(id).orElseThrow().paths();
  }

  /** Everything mounted below the rig's directories. */
  List<String> mounts() throws IOException {
    return LINUX.mounts().mountInfo().stream()
        .map(mount -> mount.target())
        .filter(target -> target.startsWith(directory.toString()))
        .toList();
  }

  /** Removes all pods, whatever the test did. */
  @Override
  public void close() throws IOException {
    List.copyOf(pods.all()).forEach(pod -> remove(pod.id()));
    stop();
    cgroups.at(config.cgroup().defaultParent().orElseThrow()).remove();
  }
}
