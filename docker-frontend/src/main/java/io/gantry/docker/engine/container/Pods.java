package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.options.Ports;
import io.gantry.docker.engine.options.Security;
import io.gantry.docker.engine.record.ContainerRecords;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.cri.v1.ContainerConfig;
import io.gantry.proto.cri.v1.CreateContainerRequest;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.RemoveContainerRequest;
import io.gantry.proto.cri.v1.RemovePodSandboxRequest;
import io.gantry.proto.cri.v1.RunPodSandboxRequest;
import io.gantry.proto.cri.v1.SecurityProfile;
import io.gantry.proto.cri.v1.StopPodSandboxRequest;
import io.gantry.proto.v1.PublishedPort;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Makes the pod and the runtime's container of a start, and takes both away after the end. */
final class Pods {
  private final Runtime runtime;
  private final ContainerRecords records;
  private final Networking networking;
  private final boolean layered;

  Pods(Runtime runtime, ContainerRecords records, Networking networking, boolean layered) {
    this.runtime = runtime;
    this.records = records;
    this.networking = networking;
    this.layered = layered;
  }

  /** Makes both; not started yet. The record has their ids, and is written before each is made. */
  void make(DockerContainer container) throws EngineException, IOException {
    remove(container);
    Path directory = records.directory(container);
    JsonNode config = container.config();
    JsonNode host = container.hostConfig();
    NetworkMode network = NetworkMode.of(config, host);
    List<PublishedPort> ports = Ports.of(config, host);
    PodPlan plan = new PodPlan(container, directory);
    OwnFiles files = new OwnFiles(directory);
    for (String wanted : network.isNetwork() ? names(container) : List.<String>of()) {
      if (!networking.exists(wanted)) {
        throw EngineException.notFound("network " + wanted + " not found");
      }
    }
    int attempt = container.nextAttempt();
    records.write(container);
    boolean ownNetwork = network.isNone() || network.isNetwork() && networking.isOwn();
    PodSandboxConfig pod = plan.pod(attempt, network, ownNetwork, ports);
    if (network.isShared()) {
      DockerContainer other = joined(network);
      files = new OwnFiles(records.directory(other));
      container.setPodId(other.podId());
      container.setOwnsPod(false);
    } else {
      String podId =
          runtime
              .pods()
              .runPodSandbox(
                  RunPodSandboxRequest.newBuilder()
                      .setConfig(pod)
                      .setRuntimeHandler(handler(host))
                      .build())
              .getPodSandboxId();
      container.setPodId(podId);
      container.setOwnsPod(true);
      records.write(container);
      Networking.Connected connected = Networking.Connected.NOWHERE;
      if (network.isNetwork()) {
        connected =
            ownNetwork
                ? networking.connect(container, podId, ports)
                : networking.ofPod(container, podId, ports);
      }
      files.write(plan.hostname(), config.path("Domainname").asText(""), host, network, connected);
    }
    Security security = security(config, host, new OwnFiles(directory));
    ContainerConfig cri = plan.container(attempt, network, files.mounts(), layered, security);
    container.setRuntimeId(
        runtime
            .pods()
            .createContainer(
                CreateContainerRequest.newBuilder()
                    .setPodSandboxId(container.podId())
                    .setConfig(cri)
                    .setSandboxConfig(pod)
                    .build())
            .getContainerId());
    records.write(container);
  }

  private DockerContainer joined(NetworkMode network) throws EngineException {
    DockerContainer other = records.get(network.other());
    if (!other.status().isRunning()) {
      throw EngineException.conflict(
          "cannot join network of a non running container: " + other.id());
    }
    return other;
  }

  private static List<String> names(DockerContainer container) {
    return container.networks().properties().stream().map(Map.Entry::getKey).toList();
  }

  private static String handler(JsonNode host) {
    String asked = host.path("Runtime").asText("");
    // What Docker calls its own is what this runtime calls its own.
    return asked.equals("null") || asked.equals("runc") ? "" : asked;
  }

  private static Security security(JsonNode config, JsonNode host, OwnFiles files)
      throws EngineException, IOException {
    Security security = Security.of(config, host);
    if (security.seccomp().isEmpty()) {
      return security;
    }
    Files.writeString(files.seccomp(), security.seccomp().get());
    return new Security(
        security.context().toBuilder()
            .setSeccomp(
                SecurityProfile.newBuilder()
                    .setProfileType(SecurityProfile.ProfileType.Localhost)
                    .setLocalhostRef(files.seccomp().toString()))
            .build(),
        security.seccomp());
  }

  /** Takes away what there is; can be repeated. */
  void remove(DockerContainer container) {
    if (!container.runtimeId().isEmpty()) {
      runtime
          .pods()
          .removeContainer(
              RemoveContainerRequest.newBuilder().setContainerId(container.runtimeId()).build());
      container.setRuntimeId("");
    }
    if (!container.podId().isEmpty()) {
      if (container.ownsPod()) {
        runtime
            .pods()
            .stopPodSandbox(
                StopPodSandboxRequest.newBuilder().setPodSandboxId(container.podId()).build());
        runtime
            .pods()
            .removePodSandbox(
                RemovePodSandboxRequest.newBuilder().setPodSandboxId(container.podId()).build());
      }
      container.setPodId("");
    }
    Networking.forget(container);
  }
}
