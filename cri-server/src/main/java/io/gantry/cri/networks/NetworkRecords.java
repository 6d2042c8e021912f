package io.gantry.cri.networks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.common.net.InetAddresses;
import io.gantry.cri.state.RecordFormat;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A network's record on disk. */
final class NetworkRecords implements RecordFormat<NamedNetwork> {
  @Override
  public String kind() {
    return "network";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public JsonNode write(NamedNetwork network) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("id", network.id());
    record.put("name", network.name());
    record.put("stage", network.stage().name());
    record.put("createdAt", network.createdAt().toString());
    record.put("bridge", network.bridge());
    record.put("internal", network.internal());
    record.put("ipv6", network.ipv6());
    for (SubnetPlan plan : network.subnets()) {
      ObjectNode subnet = record.withArray("/subnets").addObject();
      subnet.put("subnet", plan.subnet().toString());
      subnet.put("gateway", InetAddresses.toAddrString(plan.gateway()));
      plan.range().ifPresent(range -> subnet.put("range", range.toString()));
    }
    network.labels().forEach(record.putObject("labels")::put);
    network.options().forEach(record.putObject("options")::put);
    return record;
  }

  @Override
  public NamedNetwork read(JsonNode record, int version) throws IOException {
    List<SubnetPlan> subnets = new ArrayList<>();
    for (JsonNode subnet : record.path("subnets")) {
      subnets.add(
          new SubnetPlan(
              Cidr.parse(subnet.path("subnet").asText(), "subnet"),
              InetAddresses.forString(subnet.path("gateway").asText()),
              Optional.ofNullable(subnet.get("range"))
                  .map(range -> Cidr.parse(range.asText(), "range"))));
    }
    if (!record.path("id").asText().matches("[0-9a-f]{64}") || subnets.isEmpty()) {
      throw new IOException("id or subnets are missing");
    }
    try {
      return new NamedNetwork(
          record.path("id").asText(),
          record.path("name").asText(),
          subnets,
          record.path("internal").asBoolean(),
          record.path("ipv6").asBoolean(),
          texts(record.path("labels")),
          texts(record.path("options")),
          Instant.parse(record.path("createdAt").asText()),
          record.path("bridge").asText(),
          NamedNetwork.Stage.valueOf(record.path("stage").asText()));
    } catch (DateTimeException e) {
      throw new IOException("createdAt is no time", e);
    }
  }

  static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new TreeMap<>();
    object.properties().forEach(text -> texts.put(text.getKey(), text.getValue().asText()));
    return texts;
  }
}
