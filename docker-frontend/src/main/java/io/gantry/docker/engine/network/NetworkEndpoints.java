package io.gantry.docker.engine.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Exchange;
import io.gantry.docker.engine.api.Failures;
import io.gantry.docker.engine.api.Filters;
import io.gantry.docker.engine.api.Json;
import io.gantry.docker.engine.api.Route;
import io.gantry.proto.v1.CreateNetworkRequest;
import io.gantry.proto.v1.InspectNetworkRequest;
import io.gantry.proto.v1.ListNetworksRequest;
import io.gantry.proto.v1.Network;
import io.gantry.proto.v1.NetworksGrpc;
import io.gantry.proto.v1.NetworksGrpc.NetworksBlockingStub;
import io.gantry.proto.v1.RemoveNetworkRequest;
import io.gantry.proto.v1.Subnet;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Networks: list, inspect, create, connect, disconnect, remove, prune. */
public final class NetworkEndpoints {
  private static final Set<String> LIST_FILTERS =
      Set.of("dangling", "driver", "id", "label", "name", "scope", "type");
  private static final Set<String> PRUNE_FILTERS = Set.of("label", "label!");

  private final NetworksBlockingStub networks;
  private final Members members;
  private final NetworkEvents events;
  private final NetworkDocument documents;

  public NetworkEndpoints(Channel channel, Members members, NetworkEvents events) {
    this.networks = NetworksGrpc.newBlockingStub(channel);
    this.members = members;
    this.events = events;
    this.documents = new NetworkDocument(members);
  }

  public List<Route> routes() {
    return List.of(
        Route.get("/networks", this::list),
        Route.post("/networks/create", this::create),
        Route.post("/networks/prune", this::prune),
        Route.get("/networks/{id}", this::inspect),
        Route.delete("/networks/{id}", this::remove),
        Route.post("/networks/{id}/connect", this::connect),
        Route.post("/networks/{id}/disconnect", this::disconnect));
  }

  private void list(Exchange exchange) throws Exception {
    Filters filters = Filters.of(exchange.request().query(), LIST_FILTERS);
    boolean dangling = filters.flag("dangling", false);
    ArrayNode answer = Json.array();
    for (Network network : all()) {
      boolean predefined = PredefinedNetworks.is(network.getName());
      boolean fits =
          fits(filters, network.getName(), network.getId(), network.getDriver())
              && filters.fits("type", type -> type.equals(predefined ? "builtin" : "custom"))
              && filters.fitsLabels("label", network.getLabelsMap())
              && (!filters.has("dangling")
                  || dangling == (!predefined && network.getEndpointsCount() == 0));
      if (fits) {
        answer.add(documents.of(network, false));
      }
    }
    for (String name : PredefinedNetworks.NAMES_ONLY) {
      ObjectNode document = NetworkDocument.predefined(name);
      boolean fits =
          fits(filters, name, document.path("Id").asText(), document.path("Driver").asText())
              && filters.fits("type", type -> type.equals("builtin"))
              && !filters.has("label")
              && !dangling;
      if (fits) {
        answer.add(document);
      }
    }
    exchange.answer(200, answer);
  }

  private static boolean fits(Filters filters, String name, String id, String driver) {
    return filters.fits("name", name::contains)
        && filters.fits("id", id::startsWith)
        && filters.fits("driver", driver::equals)
        && filters.fits("scope", "local"::equals);
  }

  /** All, the one that containers are in unasked among them: it comes to be by being asked for. */
  private List<Network> all() {
    networks.inspect(
        InspectNetworkRequest.newBuilder().setNetwork(PredefinedNetworks.BRIDGE).build());
    return networks.list(ListNetworksRequest.getDefaultInstance()).getNetworksList();
  }

  private void inspect(Exchange exchange) throws Exception {
    String asked = exchange.request().parameter("id");
    String scope = exchange.request().query().text("scope");
    if (!scope.isEmpty() && !scope.equals("local")) {
      throw EngineException.notFound("network " + asked + " not found in scope " + scope);
    }
    Optional<String> name = PredefinedNetworks.named(asked);
    exchange.answer(
        200,
        name.isPresent()
            ? NetworkDocument.predefined(name.get())
            : documents.of(find(asked), true));
  }

  private Network find(String asked) {
    return networks.inspect(InspectNetworkRequest.newBuilder().setNetwork(asked).build());
  }

  private void create(Exchange exchange) throws Exception {
    JsonNode asked = exchange.request().json();
    String name = asked.path("Name").asText("");
    if (PredefinedNetworks.is(name)) {
      throw EngineException.forbidden(
          "operation is not permitted on predefined " + name + " network");
    }
    refuseUnknown(asked);
    var request =
        CreateNetworkRequest.newBuilder()
            .setName(name)
            .setDriver(asked.path("Driver").asText(""))
            .setInternal(asked.path("Internal").asBoolean())
            .setIpv6(asked.path("EnableIPv6").asBoolean())
            .putAllLabels(Json.mapOf(asked.path("Labels")))
            .putAllOptions(Json.mapOf(asked.path("Options")));
    for (JsonNode config : asked.path("IPAM").path("Config")) {
      if (!config.path("AuxiliaryAddresses").isEmpty()) {
        throw EngineException.notImplemented(
            "IPAM.Config.AuxiliaryAddresses is not built: leave them out of IPRange");
      }
      request.addSubnets(
          Subnet.newBuilder()
              .setSubnet(config.path("Subnet").asText(""))
              .setGateway(config.path("Gateway").asText(""))
              .setIpRange(config.path("IPRange").asText("")));
    }
    Network made;
    try {
      made = networks.create(request.build());
    } catch (StatusRuntimeException e) {
      // Of a driver that is not there Docker says that it was not found.
      throw e.getStatus().getCode() == Status.Code.UNIMPLEMENTED
              && !request.getDriver().isEmpty()
              && !request.getDriver().equals("bridge")
          ? EngineException.notFound(
              "could not find plugin %s in v1 plugin registry: plugin not found"
                  .formatted(request.getDriver()))
          : Failures.of(e);
    }
    tell("create", made, Map.of());
    exchange.answer(201, Json.object().put("Id", made.getId()).put("Warning", ""));
  }

  private static void refuseUnknown(JsonNode asked) throws EngineException {
    for (String flag : List.of("Attachable", "Ingress", "ConfigOnly")) {
      if (asked.path(flag).asBoolean()) {
        throw EngineException.notImplemented(
            flag + " is for networks of a swarm, which is not built");
      }
    }
    if (asked.path("EnableIPv4").isBoolean() && !asked.path("EnableIPv4").asBoolean()) {
      throw EngineException.notImplemented("networks without IPv4 are not built");
    }
    if (!asked.path("ConfigFrom").path("Network").asText("").isEmpty()) {
      throw EngineException.notImplemented("ConfigFrom is not built");
    }
    String scope = asked.path("Scope").asText("");
    if (!scope.isEmpty() && !scope.equals("local")) {
      throw EngineException.notImplemented("scope " + scope + " is not built; there is local");
    }
    JsonNode ipam = asked.path("IPAM");
    String driver = ipam.path("Driver").asText("");
    if (!driver.isEmpty() && !driver.equals("default")) {
      throw EngineException.notImplemented("IPAM driver " + driver + " is not built");
    }
    if (!ipam.path("Options").isEmpty()) {
      throw EngineException.notImplemented("options of IPAM are not built");
    }
  }

  private void remove(Exchange exchange) throws Exception {
    String asked = exchange.request().parameter("id");
    if (PredefinedNetworks.named(asked).isPresent()) {
      throw EngineException.forbidden(asked + " is a pre-defined network and cannot be removed");
    }
    Network network = find(asked);
    if (network.getName().equals(PredefinedNetworks.BRIDGE)) {
      throw EngineException.forbidden(asked + " is a pre-defined network and cannot be removed");
    }
    try {
      networks.remove(RemoveNetworkRequest.newBuilder().setNetwork(network.getId()).build());
    } catch (StatusRuntimeException e) {
      // Docker's own answer for a network with containers in it.
      throw e.getStatus().getCode() == Status.Code.FAILED_PRECONDITION
          ? EngineException.forbidden("error while removing network: " + words(e))
          : Failures.of(e);
    }
    tell("destroy", network, Map.of());
    exchange.answer(204);
  }

  private static String words(StatusRuntimeException e) {
    String words = e.getStatus().getDescription();
    return words == null ? e.getStatus().getCode().toString() : words;
  }

  private void connect(Exchange exchange) throws Exception {
    String network = connectable(exchange.request().parameter("id"));
    JsonNode asked = exchange.request().json();
    JsonNode settings = asked.path("EndpointConfig");
    Members.Member member =
        members.connect(
            container(asked), network, settings.isObject() ? (ObjectNode) settings : Json.object());
    tell("connect", find(network), member.attributes());
    exchange.answer(200);
  }

  private void disconnect(Exchange exchange) throws Exception {
    String network = connectable(exchange.request().parameter("id"));
    JsonNode asked = exchange.request().json();
    Members.Member member =
        members.disconnect(container(asked), network, asked.path("Force").asBoolean());
    tell("disconnect", find(network), member.attributes());
    exchange.answer(200);
  }

  private static String container(JsonNode asked) throws EngineException {
    String container = asked.path("Container").asText("");
    if (container.isEmpty()) {
      throw EngineException.badRequest("invalid container: ID or name is empty");
    }
    return container;
  }

  private String connectable(String asked) throws EngineException {
    Optional<String> name = PredefinedNetworks.named(asked);
    if (name.isPresent()) {
      throw EngineException.forbidden(
          "container cannot be connected to or disconnected from network "
              + name.get()
              + ": it is chosen when the container is made");
    }
    return find(asked).getName();
  }

  private void prune(Exchange exchange) throws Exception {
    Filters filters = Filters.of(exchange.request().query(), PRUNE_FILTERS);
    ArrayNode removed = Json.array();
    for (Network network :
        networks.list(ListNetworksRequest.getDefaultInstance()).getNetworksList()) {
      Map<String, String> labels = network.getLabelsMap();
      boolean goes =
          !PredefinedNetworks.is(network.getName())
              && network.getEndpointsCount() == 0
              && filters.fitsLabels("label", labels)
              && filters.get("label!").stream().noneMatch(l -> Filters.hasLabel(labels, l));
      if (goes && removeUnused(network)) {
        removed.add(network.getName());
        tell("destroy", network, Map.of());
      }
    }
    exchange.answer(200, Json.object().set("NetworksDeleted", removed));
  }

  /** Whether it went: somebody may have connected meanwhile, or removed it. */
  private boolean removeUnused(Network network) throws IOException {
    try {
      networks.remove(RemoveNetworkRequest.newBuilder().setNetwork(network.getId()).build());
      return true;
    } catch (StatusRuntimeException e) {
      Status.Code code = e.getStatus().getCode();
      if (code == Status.Code.FAILED_PRECONDITION || code == Status.Code.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private void tell(String action, Network network, Map<String, String> more) {
    Map<String, String> attributes = new LinkedHashMap<>(new TreeMap<>(more));
    attributes.put("name", network.getName());
    attributes.put("type", network.getDriver());
    events.tell(action, network.getId(), attributes);
  }
}
