package io.gantry.docker.engine.network;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.Json;
import io.gantry.proto.v1.Endpoint;
import io.gantry.proto.v1.Network;
import io.gantry.proto.v1.Subnet;
import java.time.Instant;

/** A network as the API shows it. */
record NetworkDocument(Members members) {

  ObjectNode of(Network network, boolean withContainers) {
    ObjectNode document =
        head(network.getName(), network.getId(), network.getDriver(), network.getInternal());
    document.put("Created", Instant.ofEpochSecond(0, network.getCreatedAtNanos()).toString());
    document.put("EnableIPv6", network.getIpv6());
    ArrayNode subnets = ((ObjectNode) document.get("IPAM")).putArray("Config");
    for (Subnet subnet : network.getSubnetsList()) {
      ObjectNode config = subnets.addObject();
      config.put("Subnet", subnet.getSubnet());
      if (!subnet.getIpRange().isEmpty()) {
        config.put("IPRange", subnet.getIpRange());
      }
      config.put("Gateway", subnet.getGateway());
    }
    document.set("Options", Json.texts(network.getOptionsMap()));
    document.set("Labels", Json.texts(network.getLabelsMap()));
    if (withContainers) {
      ObjectNode containers = document.putObject("Containers");
      network.getEndpointsList().forEach(endpoint -> add(containers, endpoint));
    }
    return document;
  }

  /** Pods that no container of the engine's has are shown under their own ids. */
  private void add(ObjectNode containers, Endpoint endpoint) {
    String pod = endpoint.getPodSandboxId();
    Members.Member member =
        members
            .ofPod(pod)
            .orElseGet(
                () ->
                    new Members.Member(
                        pod, endpoint.getNamesCount() > 0 ? endpoint.getNames(0) : pod));
    containers
        .putObject(member.id())
        .put("Name", member.name())
        .put("EndpointID", endpoint.getId())
        .put("MacAddress", endpoint.getMacAddress())
        .put("IPv4Address", endpoint.getIpv4Address())
        .put("IPv6Address", endpoint.getIpv6Address());
  }

  /** One of the networks that are names only. */
  static ObjectNode predefined(String name) {
    ObjectNode document =
        head(name, PredefinedNetworks.id(name), name.equals("none") ? "null" : name, false);
    document.put("Created", Instant.EPOCH.toString());
    document.put("EnableIPv6", false);
    ((ObjectNode) document.get("IPAM")).putArray("Config");
    document.putObject("Options");
    document.putObject("Labels");
    document.putObject("Containers");
    return document;
  }

  private static ObjectNode head(String name, String id, String driver, boolean internal) {
    ObjectNode document = Json.object();
    document.put("Name", name).put("Id", id).put("Scope", "local").put("Driver", driver);
    document.put("EnableIPv4", true);
    document.putObject("IPAM").put("Driver", "default").putObject("Options");
    document.put("Internal", internal).put("Attachable", false).put("Ingress", false);
    document.putObject("ConfigFrom").put("Network", "");
    document.put("ConfigOnly", false);
    return document;
  }
}
