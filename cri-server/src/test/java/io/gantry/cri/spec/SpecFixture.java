package io.gantry.cri.spec;

import io.gantry.image.manifest.ImageConfig;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.LinuxPodSandboxConfig;
import io.gantry.proto.cri.v1.LinuxSandboxSecurityContext;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import java.nio.file.Path;
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

  static PodView pod() {
    return new PodView(
        "pod-1",
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder().setName("p").setNamespace("ns").setUid("u"))
            .setHostname("pod-host")
            .build(),
        Optional.of(Path.of("/pods/pod-1/ns/net")),
        Optional.of(Path.of("/pods/pod-1/ns/ipc")),
        Optional.of(Path.of("/pods/pod-1/ns/uts")),
        Optional.empty(),
        Optional.of(Path.of("/pods/pod-1/shm")),
        Optional.of(Path.of("/pods/pod-1/resolv.conf")),
        Optional.of(Path.of("/pods/pod-1/hostname")),
        Optional.of(Path.of("/pods/pod-1/hosts")));
  }

  static PodView privilegedPod() {
    PodView pod = pod();
    PodSandboxConfig.Builder config = pod.config().toBuilder();
    config.mergeLinux(
        LinuxPodSandboxConfig.newBuilder()
            .setSecurityContext(LinuxSandboxSecurityContext.newBuilder().setPrivileged(true))
            .build());
    return new PodView(
        pod.id(),
        config.build(),
        pod.networkNamespace(),
        pod.ipcNamespace(),
        pod.utsNamespace(),
        pod.pidNamespace(),
        pod.shm(),
        pod.resolvConf(),
        pod.hostname(),
        pod.hosts());
  }

  static PodView podSharingPids() {
    PodView pod = pod();
    return new PodView(
        pod.id(),
        pod.config(),
        pod.networkNamespace(),
        pod.ipcNamespace(),
        pod.utsNamespace(),
        Optional.of(Path.of("/pods/pod-1/ns/pid")),
        pod.shm(),
        pod.resolvConf(),
        pod.hostname(),
        pod.hosts());
  }

  static RootFiles rootFiles() {
    return path -> Optional.ofNullable(ROOT.get(path));
  }

  static SpecRequest request(ContainerConfig config) {
    return request(config, pod(), OptionalInt.empty());
  }

  static SpecRequest request(ContainerConfig config, PodView pod, OptionalInt targetPid) {
    return new SpecRequest("c-1", config, pod, IMAGE, "rootfs", rootFiles(), targetPid);
  }
}
