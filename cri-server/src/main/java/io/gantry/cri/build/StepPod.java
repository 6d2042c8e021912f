package io.gantry.cri.build;

import com.google.protobuf.ByteString;
import io.gantry.image.build.BuildLimits;
import io.gantry.image.build.StepRunner.Step;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.KeyValue;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.LinuxPodSandboxConfig;
import io.gantry.proto.cri.v1.LinuxSandboxSecurityContext;
import io.gantry.proto.cri.v1.Mount;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.proto.cri.v1.SecurityProfile;
import java.nio.file.Path;
import java.util.List;

/** A step in the CRI's words. */
final class StepPod {
  /** On every pod that is a build's: it goes when the build does. */
  static final String LABEL = "io.gantry.build.step";

  static final String LOG = "step.log";

  private static final String NAMESPACE = "gantry-build";
  private static final List<String> MASKED =
      List.of(
          "/proc/asound",
          "/proc/acpi",
          "/proc/interrupts",
          "/proc/kcore",
          "/proc/keys",
          "/proc/latency_stats",
          "/proc/sched_debug",
          "/proc/scsi",
          "/proc/timer_list",
          "/proc/timer_stats",
          "/sys/devices/virtual/powercap",
          "/sys/firmware");
  private static final List<String> READ_ONLY =
      List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

  private StepPod() {}

  /**
   * The pod.
   *
   * @param name of no other pod
   * @param logs its directory for logs
   */
  static RunPodSandboxRequest pod(String name, Path logs, Step step) {
    BuildLimits limits = step.limits();
    PodSandboxConfig.Builder pod =
        PodSandboxConfig.newBuilder()
            .setMetadata(
                PodSandboxMetadata.newBuilder().setName(name).setUid(name).setNamespace(NAMESPACE))
            .setLogDirectory(logs.toString())
            .putLabels(LABEL, "true")
            .setLinux(
                LinuxPodSandboxConfig.newBuilder()
                    .setCgroupParent(limits.cgroupParent())
                    .setSecurityContext(
                        LinuxSandboxSecurityContext.newBuilder()
                            .setNamespaceOptions(namespaces(step))));
    // A network with a name is connected when the pod is there.
    if (step.network().equals("none") || StepNetworks.isName(step.network())) {
      pod.putAnnotations("gantry.io/network", "none");
    }
    if (limits.shmBytes() > 0) {
      pod.putAnnotations("gantry.io/shm-size", Long.toString(limits.shmBytes()));
    }
    return RunPodSandboxRequest.newBuilder().setConfig(pod).build();
  }

  private static NamespaceOption namespaces(Step step) {
    return NamespaceOption.newBuilder()
        .setNetwork(step.network().equals("host") ? NamespaceMode.NODE : NamespaceMode.POD)
        .setPid(NamespaceMode.CONTAINER)
        .build();
  }

  /** The container. */
  static ContainerConfig container(Step step, List<Mount> mounts) {
    BuildLimits limits = step.limits();
    ContainerConfig.Builder container =
        ContainerConfig.newBuilder()
            .setMetadata(ContainerMetadata.newBuilder().setName("step"))
            .setImage(ImageSpec.newBuilder().setImage(step.image().id().toString()))
            .addAllCommand(step.command())
            .addAllMounts(mounts)
            .setLogPath(LOG)
            .setLinux(
                LinuxContainerConfig.newBuilder()
                    .setResources(resources(limits))
                    .setSecurityContext(
                        LinuxContainerSecurityContext.newBuilder()
                            .setNamespaceOptions(namespaces(step))
                            .setSeccomp(
                                SecurityProfile.newBuilder()
                                    .setProfileType(SecurityProfile.ProfileType.RuntimeDefault))
                            .addAllMaskedPaths(MASKED)
                            .addAllReadonlyPaths(READ_ONLY)));
    for (String variable : step.environment()) {
      int equals = variable.indexOf('=');
      container.addEnvs(
          KeyValue.newBuilder()
              .setKey(variable.substring(0, equals))
              .setValue(ByteString.copyFromUtf8(variable.substring(equals + 1))));
    }
    if (!limits.ulimitsJson().isEmpty()) {
      container.putAnnotations("gantry.io/ulimits", limits.ulimitsJson());
    }
    return container.build();
  }

  private static LinuxContainerResources resources(BuildLimits limits) {
    return LinuxContainerResources.newBuilder()
        .setMemoryLimitInBytes(limits.memoryBytes())
        .setMemorySwapLimitInBytes(Math.max(0, limits.memorySwapBytes()))
        .setCpuShares(limits.cpuShares())
        .setCpuQuota(limits.cpuQuota())
        .setCpuPeriod(limits.cpuPeriod())
        .setCpusetCpus(limits.cpusetCpus())
        .setCpusetMems(limits.cpusetMems())
        .build();
  }
}
