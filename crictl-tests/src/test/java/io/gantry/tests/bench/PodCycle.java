package io.gantry.tests.bench;

import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.ContainerMetadata;
import io.gantry.proto.cri.v1.CreateContainerRequest;
import io.gantry.proto.cri.v1.ExecSyncRequest;
import io.gantry.proto.cri.v1.ImageSpec;
import io.gantry.proto.cri.v1.LinuxContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import io.gantry.proto.cri.v1.LinuxPodSandboxConfig;
import io.gantry.proto.cri.v1.LinuxSandboxSecurityContext;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import io.gantry.proto.cri.v1.RemoveContainerRequest;
import io.gantry.proto.cri.v1.RemovePodSandboxRequest;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.proto.cri.v1.SecurityProfile;
import io.gantry.proto.cri.v1.StartContainerRequest;
import io.gantry.proto.cri.v1.StopContainerRequest;
import io.gantry.proto.cri.v1.StopPodSandboxRequest;
import java.util.UUID;
import java.util.function.Supplier;

/** The life of one pod with one container, each step timed. Not thread-safe. */
final class PodCycle {

  static final String WORKLOAD_SECONDS = "86399";

  private static final NamespaceOption NAMESPACES =
      NamespaceOption.newBuilder().setPid(NamespaceMode.CONTAINER).build();
  private static final SecurityProfile SECCOMP =
      SecurityProfile.newBuilder()
          .setProfileType(SecurityProfile.ProfileType.RuntimeDefault)
          .build();

  private final Contender contender;
  private final String image;
  private final Timings timings;
  private String pod;
  private String container;

  PodCycle(Contender contender, String image, Timings timings) {
    this.contender = contender;
    this.image = image;
    this.timings = timings;
  }

  /** Runs the pod, and starts a container in it. */
  void up() {
    long begun = System.nanoTime();
    PodSandboxConfig config = podConfig();
    pod =
        timed(
            Step.RUN_POD,
            () ->
                contender
                    .cri()
                    .runtime()
                    .runPodSandbox(RunPodSandboxRequest.newBuilder().setConfig(config).build())
                    .getPodSandboxId());
    container =
        timed(
            Step.CREATE,
            () ->
                contender
                    .cri()
                    .runtime()
                    .createContainer(
                        CreateContainerRequest.newBuilder()
                            .setPodSandboxId(pod)
                            .setConfig(containerConfig())
                            .setSandboxConfig(config)
                            .build())
                    .getContainerId());
    timed(
        Step.START,
        () ->
            contender
                .cri()
                .runtime()
                .startContainer(
                    StartContainerRequest.newBuilder().setContainerId(container).build()));
    timings.add(contender.name(), Step.UP, System.nanoTime() - begun);
  }

  void exec() {
    timed(
        Step.EXEC,
        () ->
            contender
                .cri()
                .runtime()
                .execSync(
                    ExecSyncRequest.newBuilder()
                        .setContainerId(container)
                        .addCmd("true")
                        .setTimeout(10)
                        .build()));
  }

  /** Stops and removes the container and the pod. */
  void down() {
    var runtime = contender.cri();
    timed(
        Step.STOP,
        () ->
            runtime
                .runtime()
                .stopContainer(
                    StopContainerRequest.newBuilder().setContainerId(container).build()));
    timed(
        Step.REMOVE,
        () ->
            runtime
                .runtime()
                .removeContainer(
                    RemoveContainerRequest.newBuilder().setContainerId(container).build()));
    timed(
        Step.STOP_POD,
        () ->
            runtime
                .runtime()
                .stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId(pod).build()));
    timed(
        Step.REMOVE_POD,
        () ->
            runtime
                .runtime()
                .removePodSandbox(
                    RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod).build()));
  }

  private <T> T timed(Step step, Supplier<T> request) {
    long begun = System.nanoTime();
    T answer = request.get();
    timings.add(contender.name(), step, System.nanoTime() - begun);
    return answer;
  }

  private PodSandboxConfig podConfig() {
    String name = "bench-" + UUID.randomUUID();
    return PodSandboxConfig.newBuilder()
        .setMetadata(
            PodSandboxMetadata.newBuilder().setName(name).setUid(name).setNamespace("bench"))
        .setHostname("bench")
        .setLogDirectory(contender.directory().logs().resolve(name).toString())
        .setLinux(
            LinuxPodSandboxConfig.newBuilder()
                .setCgroupParent(contender.directory().cgroupParent())
                .setSecurityContext(
                    LinuxSandboxSecurityContext.newBuilder()
                        .setNamespaceOptions(NAMESPACES)
                        .setSeccomp(SECCOMP)))
        .build();
  }

  private ContainerConfig containerConfig() {
    return ContainerConfig.newBuilder()
        .setMetadata(ContainerMetadata.newBuilder().setName("work"))
        .setImage(ImageSpec.newBuilder().setImage(image))
        .addCommand("sleep")
        .addArgs(WORKLOAD_SECONDS)
        .setLogPath("work.log")
        .setLinux(
            LinuxContainerConfig.newBuilder()
                .setSecurityContext(
                    LinuxContainerSecurityContext.newBuilder()
                        .setNamespaceOptions(NAMESPACES)
                        .setSeccomp(SECCOMP)))
        .build();
  }
}
