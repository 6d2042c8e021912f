package io.gantry.cri.spec;

import io.gantry.proto.cri.v1.PodSandboxConfig;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * What a container takes from its pod. A namespace that is absent is the host's own.
 *
 * @param config as the pod was asked for
 * @param shm the directory for /dev/shm
 * @param resolvConf absent where the container keeps the image's own file; likewise the others
 */
public record PodView(
    String id,
    PodSandboxConfig config,
    Optional<Path> networkNamespace,
    Optional<Path> ipcNamespace,
    Optional<Path> utsNamespace,
    Optional<Path> pidNamespace,
    Optional<Path> shm,
    Optional<Path> resolvConf,
    Optional<Path> hostname,
    Optional<Path> hosts) {

  public PodView {
    Objects.requireNonNull(id);
    Objects.requireNonNull(config);
  }

  boolean privileged() {
    return config.getLinux().getSecurityContext().getPrivileged();
  }
}
