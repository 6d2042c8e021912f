package io.gantry.cri.nri;

import io.gantry.cri.limits.Limits;
import io.gantry.cri.pod.Pod;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.LinuxPodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import io.gantry.proto.nri.LinuxNamespace;
import io.gantry.proto.nri.LinuxPodSandbox;
import io.gantry.proto.nri.LinuxResources;
import io.gantry.proto.nri.PodRequest;
import io.gantry.proto.nri.PodSandbox;
import java.nio.file.Path;

/** Pods as plugins see them. */
final class PodModel {
  private PodModel() {}

  static PodSandbox of(Pod pod) {
    PodSandboxMetadata name = pod.config().getMetadata();
    return PodSandbox.newBuilder()
        .setId(pod.id())
        .setName(name.getName())
        .setUid(name.getUid())
        .setNamespace(name.getNamespace())
        .putAllLabels(pod.config().getLabelsMap())
        .putAllAnnotations(pod.config().getAnnotationsMap())
        .setRuntimeHandler(pod.runtimeHandler())
        .setLinux(linux(pod))
        .addAllIps(pod.ips())
        .build();
  }

  static PodRequest request(Pod pod) {
    return PodRequest.newBuilder().setPod(of(pod)).build();
  }

  private static LinuxPodSandbox linux(Pod pod) {
    LinuxPodSandboxConfig asked = pod.config().getLinux();
    LinuxPodSandbox.Builder linux =
        LinuxPodSandbox.newBuilder()
            .setPodOverhead(limits(asked.getOverhead()))
            .setPodResources(limits(asked.getResources()))
            .setCgroupParent(pod.cgroupParent());
    pod.paths().networkNamespace().ifPresent(path -> linux.addNamespaces(at("network", path)));
    pod.paths().ipcNamespace().ifPresent(path -> linux.addNamespaces(at("ipc", path)));
    pod.paths().utsNamespace().ifPresent(path -> linux.addNamespaces(at("uts", path)));
    pod.paths().pidNamespace().ifPresent(path -> linux.addNamespaces(at("pid", path)));
    return linux.build();
  }

  static LinuxResources limits(LinuxContainerResources asked) {
    return Resources.toNri(Limits.of(asked));
  }

  private static LinuxNamespace at(String type, Path path) {
    return LinuxNamespace.newBuilder().setType(type).setPath(path.toString()).build();
  }
}
