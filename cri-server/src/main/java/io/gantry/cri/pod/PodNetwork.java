package io.gantry.cri.pod;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.cri.cni.AttachRequest;
import io.gantry.cri.cni.Capabilities;
import io.gantry.cri.cni.CniResult;
import io.gantry.cri.cni.Networks;
import io.gantry.cri.config.Config;
import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PodSandboxMetadata;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A pod's attachment to the node's network. A pod with the host's network has none, nor has one
 * that wants loopback alone, which its namespace brings.
 */
final class PodNetwork implements PodPart {
  /** A pod's annotation that says which network it is attached to when it is made. */
  static final String ANNOTATION = "gantry.io/network";

  private static final String NONE = "none";

  private final Networks networks;
  private final Supplier<Config> config;

  PodNetwork(Networks networks, Supplier<Config> config) {
    this.networks = networks;
    this.config = config;
  }

  /**
   * Refuses what the annotation cannot say.
   *
   * @throws CriException INVALID_REQUEST
   */
  static void check(PodSandboxConfig asked) {
    String choice = asked.getAnnotationsMap().get(ANNOTATION);
    if (choice == null) {
      return;
    }
    if (!choice.equals(NONE)) {
      throw CriException.invalid(
          "annotation %s: \"%s\" is not known; there is \"%s\""
              .formatted(ANNOTATION, choice, NONE));
    }
    if (PodPaths.namespaces(asked).getNetwork() == NamespaceMode.NODE) {
      throw CriException.invalid(
          "annotation %s: a pod in the host's network cannot do without one".formatted(ANNOTATION));
    }
    if (asked.getPortMappingsList().stream().anyMatch(mapping -> mapping.getHostPort() > 0)) {
      throw CriException.invalid(
          "annotation %s: host ports lead to a network, and the pod has none"
              .formatted(ANNOTATION));
    }
  }

  private static boolean wantsNone(PodSandboxConfig config) {
    return config.getAnnotationsMap().containsKey(ANNOTATION);
  }

  @Override
  public String name() {
    return "network";
  }

  @Override
  public Pod make(Pod pod) throws IOException, InterruptedException {
    if (pod.paths().networkNamespace().isEmpty() || wantsNone(pod.config())) {
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
