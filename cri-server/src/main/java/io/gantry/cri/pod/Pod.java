package io.gantry.cri.pod;

import io.gantry.proto.cri.v1.PodSandboxConfig;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * A pod sandbox as it stands at one moment.
 *
 * @param id 64 hexadecimal digits
 * @param config as it was asked for, byte for byte, but for limits that were changed since
 * @param runtimeHandler as it was asked for; "" is the default handler
 * @param createdAt when the request came
 * @param state where it stands
 * @param ips its addresses, the main one first; empty with the host's network and when not ready
 * @param hostname its host name: the one asked for, or the machine's
 * @param cgroupParent the cgroup below which its containers' cgroups are made
 * @param paths where its parts are
 */
public record Pod(
    String id,
    PodSandboxConfig config,
    String runtimeHandler,
    Instant createdAt,
    PodState state,
    List<String> ips,
    String hostname,
    String cgroupParent,
    PodPaths paths) {
  public Pod {
    Objects.requireNonNull(id);
    Objects.requireNonNull(config);
    Objects.requireNonNull(runtimeHandler);
    Objects.requireNonNull(createdAt);
    Objects.requireNonNull(state);
    ips = List.copyOf(ips);
    Objects.requireNonNull(hostname);
    Objects.requireNonNull(cgroupParent);
    Objects.requireNonNull(paths);
  }

  public boolean isReady() {
    return state instanceof PodState.Ready;
  }

  /** Whom the pod's users are on the host; empty if they are the host's own. */
  public Optional<PodUsers> users() {
    return PodUsers.of(PodPaths.namespaces(config));
  }

  Pod with(PodState newState) {
    return new Pod(
        id, config, runtimeHandler, createdAt, newState, ips, hostname, cgroupParent, paths);
  }

  Pod with(PodSandboxConfig newConfig) {
    return new Pod(
        id, newConfig, runtimeHandler, createdAt, state, ips, hostname, cgroupParent, paths);
  }

  Pod withIps(List<String> newIps) {
    return new Pod(
        id, config, runtimeHandler, createdAt, state, newIps, hostname, cgroupParent, paths);
  }

  /** The name that no two pods may share: Kubernetes' name, namespace, uid, and the attempt. */
  PodName name() {
    return PodName.of(config.getMetadata());
  }
}
