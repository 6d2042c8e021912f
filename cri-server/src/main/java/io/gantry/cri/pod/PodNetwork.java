package io.gantry.cri.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.cri.cni.AttachRequest;
import io.gantry.cri.cni.Capabilities;
import io.gantry.cri.cni.CniResult;
import io.gantry.cri.cni.Networks;
import io.gantry.cri.config.Config;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** A pod's attachment to the network; a pod with the host's network has none. */
final class PodNetwork implements PodPart {
  private final Networks networks;
  private final Supplier<Config> config;

  PodNetwork(Networks networks, Supplier<Config> config) {
    this.networks = networks;
    this.config = config;
  }

  @Override
  public String name() {
    return "network";
  }

  @Override
  public Pod make(Pod pod) throws IOException, InterruptedException {
    if (pod.paths().networkNamespace().isEmpty()) {
      return pod;
    }
    JsonNode capabilities = Capabilities.of(pod.config());
    CniResult result =
        networks.attach(
            new AttachRequest(
                pod.id(), pod.paths().networkNamespace().get(), arguments(pod), capabilities));
    return pod.withIps(result.ips(config.get().cni().ipPreference()));
  }

  @Override
  public void undo(Pod pod) throws IOException, InterruptedException {
    networks.detach(pod.id());
  }

  Optional<CniResult> result(Pod pod) {
    return networks.result(pod.id());
  }

  /**
   * What Kubernetes' runtimes tell plugins about a pod (containernetworking/cni CONVENTIONS.md).
   */
  private static Map<String, String> arguments(Pod pod) {
    PodSandboxMetadata metadata = pod.config().getMetadata();
    Map<String, String> arguments = new LinkedHashMap<>();
    arguments.put("IgnoreUnknown", "1");
    arguments.put("K8S_POD_NAMESPACE", metadata.getNamespace());
    arguments.put("K8S_POD_NAME", metadata.getName());
    arguments.put("K8S_POD_INFRA_CONTAINER_ID", pod.id());
    arguments.put("K8S_POD_UID", metadata.getUid());
    return arguments;
  }
}
