package io.gantry.cri.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.proto.cri.v1.DNSConfig;
import io.gantry.proto.cri.v1.PodSandboxConfig;
import io.gantry.proto.cri.v1.PortMapping;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.List;
import java.util.Locale;

/**
 * What a pod's configuration means in the words of CNI's capabilities (containernetworking/cni
 * CONVENTIONS.md): port mappings, bandwidth, DNS and the pod's annotations.
 */
public final class Capabilities {
  private static final String INGRESS = "kubernetes.io/ingress-bandwidth";
  private static final String EGRESS = "kubernetes.io/egress-bandwidth";
  private static final BigDecimal MIN_BANDWIDTH = Quantity.parse("1k");
  private static final BigDecimal MAX_BANDWIDTH = Quantity.parse("1P");

  /**
   * Bits that may pass at once: the most that the kernel's token bucket takes, so that only the
   * rate limits.
   */
  private static final long BURST_BITS = 0xffff_ffffL;

  private Capabilities() {}

  /**
   * The capability arguments of a pod.
   *
   * @throws IllegalArgumentException if a port or a bandwidth annotation is not valid
   */
  public static JsonNode of(PodSandboxConfig config) {
    ObjectNode arguments = JsonNodeFactory.instance.objectNode();
    ArrayNode ports = arguments.arrayNode();
    config.getPortMappingsList().stream()
        .filter(mapping -> mapping.getHostPort() > 0)
        .forEach(mapping -> ports.add(port(mapping)));
    if (!ports.isEmpty()) {
      arguments.set("portMappings", ports);
    }
    ObjectNode bandwidth = arguments.objectNode();
    bandwidth(config, INGRESS, "ingress", bandwidth);
    bandwidth(config, EGRESS, "egress", bandwidth);
    if (!bandwidth.isEmpty()) {
      arguments.set("bandwidth", bandwidth);
    }
    if (config.hasDnsConfig()) {
      arguments.set("dns", dns(config.getDnsConfig()));
    }
    ObjectNode annotations = arguments.objectNode();
    config.getAnnotationsMap().forEach(annotations::put);
    if (!annotations.isEmpty()) {
      arguments.set("io.kubernetes.cri.pod-annotations", annotations);
    }
    return arguments;
  }

  private static ObjectNode port(PortMapping mapping) {
    if (mapping.getHostPort() > 65535
        || mapping.getContainerPort() < 1
        || mapping.getContainerPort() > 65535) {
      throw new IllegalArgumentException(
          "host port %d to container port %d: ports go from 1 to 65535"
              .formatted(mapping.getHostPort(), mapping.getContainerPort()));
    }
    ObjectNode port = JsonNodeFactory.instance.objectNode();
    port.put("hostPort", mapping.getHostPort());
    port.put("containerPort", mapping.getContainerPort());
    port.put("protocol", mapping.getProtocol().name().toLowerCase(Locale.ROOT));
    if (!mapping.getHostIp().isEmpty()) {
      port.put("hostIP", mapping.getHostIp());
    }
    return port;
  }

  private static void bandwidth(
      PodSandboxConfig config, String annotation, String direction, ObjectNode bandwidth) {
    String text = config.getAnnotationsMap().get(annotation);
    if (text == null) {
      return;
    }
    BigDecimal bitsPerSecond;
    try {
      bitsPerSecond = Quantity.parse(text);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("annotation " + annotation + ": " + e.getMessage(), e);
    }
    if (bitsPerSecond.compareTo(MIN_BANDWIDTH) < 0 || bitsPerSecond.compareTo(MAX_BANDWIDTH) > 0) {
      throw new IllegalArgumentException(
          "annotation %s: %s is not between 1k and 1P".formatted(annotation, text));
    }
    bandwidth.put(direction + "Rate", bitsPerSecond.setScale(0, RoundingMode.UP).longValueExact());
    bandwidth.put(direction + "Burst", BURST_BITS);
  }

  private static ObjectNode dns(DNSConfig config) {
    ObjectNode dns = JsonNodeFactory.instance.objectNode();
    texts(dns, "servers", config.getServersList());
    texts(dns, "searches", config.getSearchesList());
    texts(dns, "options", config.getOptionsList());
    return dns;
  }

  private static void texts(ObjectNode object, String field, List<String> values) {
    if (!values.isEmpty()) {
      values.forEach(object.putArray(field)::add);
    }
  }
}
