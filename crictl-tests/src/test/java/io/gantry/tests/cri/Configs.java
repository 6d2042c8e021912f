package io.gantry.tests.cri;

import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.LinuxSandboxSecurityContext;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import java.util.List;
import java.util.function.Consumer;

/** Changes to deep parts of pod and container configurations, which lite builders cannot reach. */
public final class Configs {

  private Configs() {}

  /** Changes a container's security context. */
  public static Consumer<ContainerConfig.Builder> security(
      Consumer<LinuxContainerSecurityContext.Builder> change) {
    return config -> {
      var context = config.getLinux().getSecurityContext().toBuilder();
      change.accept(context);
      config.setLinux(config.getLinux().toBuilder().setSecurityContext(context));
    };
  }

  /** Has paths hidden and made read-only as the kubelet asks for it. */
  public static Consumer<ContainerConfig.Builder> hidingPaths() {
    return security(
        context ->
            context
                .addAllMaskedPaths(
                    List.of("/proc/acpi", "/proc/kcore", "/proc/keys", "/sys/firmware"))
                .addAllReadonlyPaths(List.of("/proc/bus", "/proc/sys", "/proc/sysrq-trigger")));
  }

  /** Changes a container's resources. */
  public static Consumer<ContainerConfig.Builder> resources(
      Consumer<LinuxContainerResources.Builder> change) {
    return config -> {
      var resources = config.getLinux().getResources().toBuilder();
      change.accept(resources);
      config.setLinux(config.getLinux().toBuilder().setResources(resources));
    };
  }

  /** Changes a pod's security context. */
  public static Consumer<PodSandboxConfig.Builder> podSecurity(
      Consumer<LinuxSandboxSecurityContext.Builder> change) {
    return config -> {
      var context = config.getLinux().getSecurityContext().toBuilder();
      change.accept(context);
      config.setLinux(config.getLinux().toBuilder().setSecurityContext(context));
    };
  }

  /** The cgroup that a pod is. */
  public static Consumer<PodSandboxConfig.Builder> cgroupParent(String parent) {
    return config -> config.setLinux(config.getLinux().toBuilder().setCgroupParent(parent));
  }

  /** Whose processes the containers of a pod see. */
  public static Consumer<PodSandboxConfig.Builder> pids(NamespaceMode mode) {
    return podSecurity(
        security ->
            security.setNamespaceOptions(security.getNamespaceOptions().toBuilder().setPid(mode)));
  }
}
