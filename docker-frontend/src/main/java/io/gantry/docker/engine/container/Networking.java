package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.record.DockerContainer;
import io.gantry.docker.engine.runtime.Runtime;
import io.gantry.proto.cri.v1.PodSandboxStatusRequest;
import io.gantry.proto.v1.ConnectRequest;
import io.gantry.proto.v1.CreateNetworkRequest;
import io.gantry.proto.v1.DisconnectRequest;
import io.gantry.proto.v1.Endpoint;
import io.gantry.proto.v1.InspectNetworkRequest;
import io.gantry.proto.v1.ListNetworksRequest;
import io.gantry.proto.v1.PublishedPort;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Containers' networks: those of gantry.v1, or, where the runtime has none of these, the one that
 * it gives to every pod.
 */
final class Networking {
  private final Runtime runtime;
  private Boolean own;

  Networking(Runtime runtime) {
    this.runtime = runtime;
  }

  /** Whether the runtime has networks of gantry.v1. */
  synchronized boolean isOwn() {
    if (own == null) {
      try {
        runtime.networks().list(ListNetworksRequest.getDefaultInstance());
        own = true;
      } catch (StatusRuntimeException e) {
        if (e.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
          throw e;
        }
        own = false;
      }
    }
    return own;
  }

  /**
   * What a connected container knows of its network.
   *
   * @param address its own, without a prefix; "" for none
   * @param gateway "" for none
   * @param dnsServer that knows the network's names; "" for none
   */
  record Connected(String address, String gateway, String dnsServer) {
    static final Connected NOWHERE = new Connected("", "", "");
  }

  /** Connects a container's pod to all its networks, and notes in it what came of it. */
  Connected connect(DockerContainer container, String podId, List<PublishedPort> ports) {
    ObjectNode networks = container.networks();
    List<Endpoint> endpoints = new ArrayList<>();
    boolean first = true;
    for (Map.Entry<String, JsonNode> network : networks.properties()) {
      Endpoint endpoint =
          connect(
              container, podId, network.getKey(), network.getValue(), first ? ports : List.of());
      endpoints.add(endpoint);
      fill((ObjectNode) network.getValue(), endpoint);
      first = false;
    }
    container.setNetworks(networks);
    container.setPorts(
        portMap(endpoints.stream().flatMap(e -> e.getPortsList().stream()).toList()));
    return endpoints.stream()
        .findFirst()
        .map(
            endpoint ->
                new Connected(
                    bare(endpoint.getIpv4Address()),
                    endpoint.getIpv4Gateway(),
                    endpoint.getDnsServer()))
        .orElse(Connected.NOWHERE);
  }

  /** Connects a container that runs to one network more, and notes in {@code settings} how. */
  void join(DockerContainer container, String network, ObjectNode settings) {
    fill(settings, connect(container, container.podId(), network, settings, List.of()));
  }

  /** Takes a container that runs out of a network. */
  void leave(DockerContainer container, String network) {
    runtime
        .networks()
        .disconnect(
            DisconnectRequest.newBuilder()
                .setNetwork(network)
                .setPodSandboxId(container.podId())
                .build());
  }

  private Endpoint connect(
      DockerContainer container,
      String podId,
      String network,
      JsonNode settings,
      List<PublishedPort> ports) {
    ConnectRequest.Builder request =
        ConnectRequest.newBuilder()
            .setNetwork(network)
            .setPodSandboxId(podId)
            .setIpv4Address(settings.path("IPAMConfig").path("IPv4Address").asText(""))
            .setIpv6Address(settings.path("IPAMConfig").path("IPv6Address").asText(""))
            .setMacAddress(settings.path("WantedMac").asText(""))
            .addAllPorts(ports)
            .addAllDnsServers(Json.listOf(container.hostConfig().path("Dns")));
    if (!network.equals("bridge")) {
      // Names are found in networks of one's own, not in the one that all are in.
      request.addNames(container.name()).addNames(container.shortId());
      Json.listOf(settings.path("Aliases")).forEach(request::addNames);
    }
    try {
      return runtime.networks().connect(request.build());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.NOT_FOUND || !network.equals("bridge")) {
        throw e;
      }
      makeBridge();
      return runtime.networks().connect(request.build());
    }
  }

  /** The network that is there without being made. */
  private void makeBridge() {
    try {
      runtime
          .networks()
          .create(CreateNetworkRequest.newBuilder().setName("bridge").setDriver("bridge").build());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.ALREADY_EXISTS) {
        throw e;
      }
    }
  }

  /** Whether there is such a network. */
  boolean exists(String network) {
    if (network.equals("bridge")) {
      return true;
    }
    if (!isOwn()) {
      return false;
    }
    try {
      runtime.networks().inspect(InspectNetworkRequest.newBuilder().setNetwork(network).build());
      return true;
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  /** What the runtime's own network gave to a pod. */
  Connected ofPod(DockerContainer container, String podId, List<PublishedPort> ports) {
    String address =
        runtime
            .pods()
            .podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId(podId).build())
            .getStatus()
            .getNetwork()
            .getIp();
    ObjectNode networks = container.networks();
    networks
        .properties()
        .forEach(network -> ((ObjectNode) network.getValue()).put("IPAddress", address));
    container.setNetworks(networks);
    container.setPorts(portMap(ports));
    return new Connected(address, "", "");
  }

  private static void fill(ObjectNode settings, Endpoint endpoint) {
    settings
        .put("NetworkID", endpoint.getNetworkId())
        .put("EndpointID", endpoint.getId())
        .put("Gateway", endpoint.getIpv4Gateway())
        .put("IPAddress", bare(endpoint.getIpv4Address()))
        .put("IPPrefixLen", prefix(endpoint.getIpv4Address()))
        .put("IPv6Gateway", endpoint.getIpv6Gateway())
        .put("GlobalIPv6Address", bare(endpoint.getIpv6Address()))
        .put("GlobalIPv6PrefixLen", prefix(endpoint.getIpv6Address()))
        .put("MacAddress", endpoint.getMacAddress());
    settings.set("DNSNames", Json.texts(endpoint.getNamesList()));
  }

  /** Forgets what a container's networks gave it, when it has left them. */
  static void forget(DockerContainer container) {
    ObjectNode networks = container.networks();
    for (Map.Entry<String, JsonNode> network : networks.properties()) {
      ObjectNode settings = (ObjectNode) network.getValue();
      for (String field :
          List.of(
              "EndpointID",
              "Gateway",
              "IPAddress",
              "IPv6Gateway",
              "GlobalIPv6Address",
              "MacAddress")) {
        settings.put(field, "");
      }
      settings.put("IPPrefixLen", 0).put("GlobalIPv6PrefixLen", 0);
    }
    container.setNetworks(networks);
    container.setPorts(Json.object());
  }

  private static ObjectNode portMap(List<PublishedPort> ports) {
    ObjectNode map = Json.object();
    for (PublishedPort port : ports) {
      String key = port.getContainerPort() + "/" + port.getProtocol();
      ArrayNode bindings = map.has(key) ? (ArrayNode) map.get(key) : map.putArray(key);
      bindings
          .addObject()
          .put("HostIp", port.getHostIp().isEmpty() ? "0.0.0.0" : port.getHostIp())
          .put("HostPort", Integer.toString(port.getHostPort()));
    }
    return map;
  }

  private static String bare(String cidr) {
    int slash = cidr.indexOf('/');
    return slash < 0 ? cidr : cidr.substring(0, slash);
  }

  private static int prefix(String cidr) {
    int slash = cidr.indexOf('/');
    return slash < 0 ? 0 : Integer.parseInt(cidr.substring(slash + 1));
  }
}
