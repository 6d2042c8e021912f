package io.gantry.cri.networks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.net.InetAddresses;
import io.gantry.cri.state.RecordFormat;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The record on disk of a pod's place in a network. */
final class EndpointRecords implements RecordFormat<NetworkEndpoint> {
  private static final String MAKING = "making";
  private static final String CONNECTED = "connected";
  private static final String LEAVING = "leaving";

  @Override
  public String kind() {
    return "endpoint";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public JsonNode write(NetworkEndpoint endpoint) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("id", endpoint.id());
    record.put("network", endpoint.networkId());
    record.put("pod", endpoint.podId());
    record.put("namespace", endpoint.namespace().toString());
    record.put("interface", endpoint.interfaceName());
    endpoint.names().forEach(record.putArray("names")::add);
    endpoint.ownNames().forEach(record.putObject("ownNames")::put);
    endpoint.dnsServers().forEach(record.putArray("dnsServers")::add);
    endpoint.ipv4().ifPresent(ip -> record.put("ipv4", InetAddresses.toAddrString(ip)));
    endpoint.ipv6().ifPresent(ip -> record.put("ipv6", InetAddresses.toAddrString(ip)));
    for (HostPort port : endpoint.ports()) {
      ObjectNode published = record.withArray("/ports").addObject();
      published.put("protocol", port.protocol().name());
      published.put("containerPort", port.containerPort());
      published.put("hostPort", port.hostPort());
      port.hostIp().ifPresent(ip -> published.put("hostIp", InetAddresses.toAddrString(ip)));
    }
    record.set("plugins", endpoint.plugins());
    record.set("capabilities", endpoint.capabilities());
    if (endpoint.stage() instanceof NetworkEndpoint.Stage.Connected connected) {
      record.put("stage", CONNECTED).put("mac", connected.macAddress());
    } else {
      record.put(
          "stage", endpoint.stage() instanceof NetworkEndpoint.Stage.Making ? MAKING : LEAVING);
    }
    endpoint.result().ifPresent(result -> record.set("result", result));
    return record;
  }

  @Override
  public NetworkEndpoint read(JsonNode record, int version) throws IOException {
    List<HostPort> ports = new ArrayList<>();
    for (JsonNode port : record.path("ports")) {
      ports.add(
          new HostPort(
              HostPort.Protocol.valueOf(port.path("protocol").asText()),
              port.path("containerPort").asInt(),
              port.path("hostPort").asInt(),
              address(port, "hostIp")));
    }
    if (record.path("id").asText().isEmpty() || record.path("pod").asText().isEmpty()) {
      throw new IOException("id or pod is missing");
    }
    return new NetworkEndpoint(
        record.path("id").asText(),
        record.path("network").asText(),
        record.path("pod").asText(),
        Path.of(record.path("namespace").asText()),
        record.path("interface").asText(),
        texts(record.path("names")),
        NetworkRecords.texts(record.path("ownNames")),
        texts(record.path("dnsServers")),
        address(record, "ipv4"),
        address(record, "ipv6"),
        ports,
        record.path("plugins"),
        record.path("capabilities"),
        stage(record));
  }

  private static NetworkEndpoint.Stage stage(JsonNode record) throws IOException {
    Optional<JsonNode> result = Optional.ofNullable(record.get("result"));
    String stage = record.path("stage").asText();
    return switch (stage) {
      case MAKING -> new NetworkEndpoint.Stage.Making();
      case CONNECTED ->
          new NetworkEndpoint.Stage.Connected(
              record.path("mac").asText(),
              result.orElseThrow(() -> new IOException("result is missing")));
      case LEAVING -> new NetworkEndpoint.Stage.Leaving(result);
      default -> throw new IOException("unknown stage " + stage);
    };
  }

  private static Optional<InetAddress> address(JsonNode object, String field) {
    return Optional.ofNullable(object.get(field))
        .map(text -> InetAddresses.forString(text.asText()));
  }

  private static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(text -> texts.add(text.asText()));
    return texts;
  }
}
