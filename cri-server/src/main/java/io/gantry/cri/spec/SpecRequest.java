package io.gantry.cri.spec;

import io.gantry.cri.pod.Pod;
import io.gantry.image.manifest.ImageConfig;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.LinuxContainerResources;
import io.gantry.proto.cri.v1.LinuxContainerSecurityContext;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Everything a specification is made of.
 *
 * @param id of the container
 * @param rootPath the root filesystem's directory, as the specification shall name it
 * @param rootFiles reads the container's root filesystem
 * @param targetPid the first process of the container whose PID namespace is to be shared; needed
 *     with namespace mode TARGET only
 */
public record SpecRequest(
    String id,
    ContainerConfig config,
    Pod pod,
    ImageConfig image,
    String rootPath,
    RootFiles rootFiles,
    OptionalInt targetPid) {

  public SpecRequest {
    Objects.requireNonNull(id);
    Objects.requireNonNull(config);
    Objects.requireNonNull(pod);
    Objects.requireNonNull(image);
    Objects.requireNonNull(rootPath);
    Objects.requireNonNull(rootFiles);
    Objects.requireNonNull(targetPid);
  }

  /** The container's name within its pod, for messages. */
  String name() {
    return config.getMetadata().getName();
  }

  LinuxContainerSecurityContext security() {
    return config.getLinux().getSecurityContext();
  }

  LinuxContainerResources resources() {
    return config.getLinux().getResources();
  }

  boolean privileged() {
    return security().getPrivileged();
  }
}
