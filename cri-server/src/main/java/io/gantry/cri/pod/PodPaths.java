package io.gantry.cri.pod;

import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.NamespaceOption;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where a pod's parts are. A namespace is absent where the pod uses the host's (or, for PID, where
 * each container has its own).
 *
 * @param directory holds all of the pod's files below the state directory
 * @param networkNamespace pinned network namespace
 * @param ipcNamespace pinned IPC namespace
 * @param utsNamespace pinned UTS namespace
 * @param pidNamespace pinned PID namespace that the containers share
 * @param userNamespace pinned user namespace, to which the others belong
 * @param shm what containers see as /dev/shm: the pod's own tmpfs, or the host's with the host's
 *     IPC namespace
 * @param resolvConf what containers see as /etc/resolv.conf
 * @param hostname what containers see as /etc/hostname
 * @param hosts what containers see as /etc/hosts, unless the caller mounts one
 */
public record PodPaths(
    Path directory,
    Optional<Path> networkNamespace,
    Optional<Path> ipcNamespace,
    Optional<Path> utsNamespace,
    Optional<Path> pidNamespace,
    Optional<Path> userNamespace,
    Path shm,
    Path resolvConf,
    Path hostname,
    Path hosts) {

  /**
   * The paths of pod {@code id}.
   *
   * @param pods the directory of all pods: STATE/pods
   */
  static PodPaths of(Path pods, String id, PodSandboxConfig config) {
    NamespaceOption options = namespaces(config);
    Path directory = pods.resolve(id);
    Path pins = directory.resolve("ns");
    boolean ownNetwork = options.getNetwork() != NamespaceMode.NODE;
    boolean ownIpc = options.getIpc() != NamespaceMode.NODE;
    boolean sharedPid = options.getPid() == NamespaceMode.POD;
    return new PodPaths(
        directory,
        when(ownNetwork, pins.resolve("net")),
        when(ownIpc, pins.resolve("ipc")),
        // The host's network means the host's name too: a name that resolves to nothing would
        // mislead.
        when(ownNetwork, pins.resolve("uts")),
        when(sharedPid, pins.resolve("pid")),
        when(PodUsers.of(options).isPresent(), userPin(directory)),
        ownIpc ? directory.resolve("shm") : Path.of("/dev/shm"),
        directory.resolve("resolv.conf"),
        directory.resolve("hostname"),
        directory.resolve("hosts"));
  }

  /** Which namespaces a pod asks for; a request that does not say means those of a pod. */
  static NamespaceOption namespaces(PodSandboxConfig config) {
    return config.getLinux().getSecurityContext().getNamespaceOptions();
  }

  /** Where the user namespace of a pod is pinned, if it has one. */
  static Path userPin(Path directory) {
    return directory.resolve("ns").resolve("user");
  }

  Path pins() {
    return directory.resolve("ns");
  }

  private static Optional<Path> when(boolean condition, Path path) {
    return condition ? Optional.of(path) : Optional.empty();
  }
}
