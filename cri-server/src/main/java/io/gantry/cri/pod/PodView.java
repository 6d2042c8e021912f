package io.gantry.cri.pod;

import io.gantry.proto.cri.v1.LinuxPodSandboxStatus;
import io.gantry.proto.cri.v1.Namespace;
import io.gantry.proto.cri.v1.PodIP;
import io.gantry.proto.cri.v1.PodSandbox;
import io.gantry.proto.cri.v1.PodSandboxNetworkStatus;
import io.gantry.proto.cri.v1.PodSandboxState;
import io.gantry.proto.cri.v1.PodSandboxStatus;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Pods as the CRI shows them. */
public final class PodView {
  private PodView() {}

  static PodSandboxState state(Pod pod) {
    return pod.isReady() ? PodSandboxState.SANDBOX_READY : PodSandboxState.SANDBOX_NOTREADY;
  }

  static PodSandbox listed(Pod pod) {
    return PodSandbox.newBuilder()
        .setId(pod.id())
        .setMetadata(pod.config().getMetadata())
        .setState(state(pod))
        .setCreatedAt(createdAtNanos(pod))
        .putAllLabels(pod.config().getLabelsMap())
        .putAllAnnotations(pod.config().getAnnotationsMap())
        .setRuntimeHandler(pod.runtimeHandler())
        .build();
  }

  public static PodSandboxStatus status(Pod pod) {
    var namespaces = Namespace.newBuilder().setOptions(PodPaths.namespaces(pod.config()));
    return PodSandboxStatus.newBuilder()
        .setId(pod.id())
        .setMetadata(pod.config().getMetadata())
        .setState(state(pod))
        .setCreatedAt(createdAtNanos(pod))
        .setNetwork(network(pod.ips()))
        .setLinux(LinuxPodSandboxStatus.newBuilder().setNamespaces(namespaces))
        .putAllLabels(pod.config().getLabelsMap())
        .putAllAnnotations(pod.config().getAnnotationsMap())
        .setRuntimeHandler(pod.runtimeHandler())
        .build();
  }

  private static PodSandboxNetworkStatus network(List<String> ips) {
    var network = PodSandboxNetworkStatus.newBuilder();
    if (!ips.isEmpty()) {
      network.setIp(ips.get(0));
      ips.stream().skip(1).forEach(ip -> network.addAdditionalIps(PodIP.newBuilder().setIp(ip)));
    }
    return network.build();
  }

  private static long createdAtNanos(Pod pod) {
    return TimeUnit.SECONDS.toNanos(pod.createdAt().getEpochSecond()) + pod.createdAt().getNano();
  }
}
