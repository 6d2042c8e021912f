package io.gantry.cri.spec;

import io.gantry.cri.pod.Pod;
import io.gantry.cri.pod.PodPaths;
import io.gantry.cri.pod.PodState;
import io.gantry.image.manifest.ImageConfig;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.IDMapping;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.LinuxPodSandboxConfig;
import io.gantry.proto.cri.v1.LinuxSandboxSecurityContext;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import io.gantry.proto.cri.v1.UserNamespace;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Requests for tests to vary: a container "web" in an ordinary pod. */
final class SpecFixture {
  static final ImageConfig IMAGE =
      new ImageConfig(
          "",
          List.of("PATH=/image/bin"),
          List.of("/entry"),
          List.of("cmd"),
          "",
          Set.of(),
          Optional.empty(),
          Map.of(),
          Set.of());

  private static final Map<String, String> ROOT =
      Map.of(
          "/etc/passwd",
          "root:x:0:0:root:/root:/bin/sh\nbroken line\nweb:x:1000:1001::/:/bin/sh\n",
          "/etc/group",
          "root:x:0:\nwheel:x:10:root,web\nweb:x:1001:\nlogs:x:2000:other,web\n");

  private SpecFixture() {}

  static ContainerConfig.Builder config() {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName("web"))
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setSecurityContext(
                    LinuxContainerSecurityContext.newBuilder()
                        .setNamespaceOptions(
                            NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER))));
  }

  static ContainerConfig secured(LinuxContainerSecurityContext.Builder change) {
    ContainerConfig.Builder config = config();
    config.mergeLinux(LinuxContainerConfig.newBuilder().setSecurityContext(change).build());
    return config.build();
  }

  private static final PodSandboxConfig POD_CONFIG =
      PodSandboxConfig.newBuilder()
          .setMetadata(PodSandboxMetadata.newBuilder().setName("p").setNamespace("ns").setUid("u"))
          .setLogDirectory("/var/log/pods/p")
          .build();

  /** A pod with its own network, IPC and UTS namespaces. */
  static Pod pod() {
    return pod(POD_CONFIG, true, false);
  }

  static Pod privilegedPod() {
    LinuxSandboxSecurityContext.Builder security =
        LinuxSandboxSecurityContext.newBuilder().setPrivileged(true);
    return pod(secured(security), true, false);
  }

  static Pod podSharingPids() {
    return pod(POD_CONFIG, true, true);
  }

  /** A pod that has nothing of its own but a PID mode. */
  static Pod hostPod(NamespaceMode pid) {
    LinuxSandboxSecurityContext.Builder security =
        LinuxSandboxSecurityContext.newBuilder()
            .setNamespaceOptions(
                NamespaceOption.newBuilder()
                    .setNetwork(NamespaceMode.NODE)
                    .setIpc(NamespaceMode.NODE)
                    .setPid(pid));
    return pod(secured(security), false, false);
  }

  /** A pod whose root is user 100000 of the host. */
  static Pod podWithUsers() {
    LinuxSandboxSecurityContext.Builder security =
        LinuxSandboxSecurityContext.newBuilder()
            .setNamespaceOptions(
                NamespaceOption.newBuilder()
                    .setPid(NamespaceMode.CONTAINER)
                    .setUsernsOptions(users(100000)));
    return pod(secured(security), true, false);
  }

  static UserNamespace users(int hostId) {
    IDMapping mapping =
        IDMapping.newBuilder().setContainerId(0).setHostId(hostId).setLength(65536).build();
    return UserNamespace.newBuilder()
        .setMode(NamespaceMode.POD)
        .addUids(mapping)
        .addGids(mapping)
        .build();
  }

  private static PodSandboxConfig secured(LinuxSandboxSecurityContext.Builder security) {
    return POD_CONFIG.toBuilder()
        .setLinux(LinuxPodSandboxConfig.newBuilder().setSecurityContext(security))
        .build();
  }

  private static Pod pod(PodSandboxConfig config, boolean own, boolean sharedPids) {
    Path directory = Path.of("/pods/pod-1");
    PodPaths paths =
        new PodPaths(
            directory,
            pin(own, directory, "net"),
            pin(own, directory, "ipc"),
            pin(own, directory, "uts"),
            pin(sharedPids, directory, "pid"),
            pin(
                config.getLinux().getSecurityContext().getNamespaceOptions().hasUsernsOptions(),
                directory,
                "user"),
            directory.resolve("shm"),
            directory.resolve("resolv.conf"),
            directory.resolve("hostname"),
            directory.resolve("hosts"));
    return new Pod(
        "pod-1",
        config,
        "",
        Instant.EPOCH,
        new PodState.Ready(),
        List.of(),
        "pod-host",
        "/gantry",
        paths);
  }

  private static Optional<Path> pin(boolean present, Path directory, String name) {
    return present ? Optional.of(directory.resolve("ns").resolve(name)) : Optional.empty();
  }

  static RootFiles rootFiles() {
    return path -> Optional.ofNullable(ROOT.get(path));
  }

  static SpecRequest request(ContainerConfig config) {
    return request(config, pod(), OptionalInt.empty());
  }

  static SpecRequest request(ContainerConfig config, Pod pod, OptionalInt targetPid) {
    return new SpecRequest("c-1", config, pod, IMAGE, "rootfs", rootFiles(), targetPid);
  }
}
