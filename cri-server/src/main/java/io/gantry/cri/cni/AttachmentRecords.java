package io.gantry.cri.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.state.RecordFormat;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** An attachment's record on disk. */
final class AttachmentRecords implements RecordFormat<Attachment> {
  @Override
  public String kind() {
    return "cni-attachment";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public JsonNode write(Attachment attachment) {
    Invocation invocation = attachment.invocation();
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("containerId", invocation.containerId());
    record.put("namespace", invocation.namespace());
    record.put("interface", invocation.interfaceName());
    ObjectNode arguments = record.putObject("arguments");
    invocation.arguments().forEach(arguments::put);
    record.set("network", attachment.network().toJson());
    record.set("capabilities", attachment.capabilities());
    attachment.result().ifPresent(result -> record.set("result", result));
    return record;
  }

  @Override
  public Attachment read(JsonNode record, int version) throws IOException {
    Map<String, String> arguments = new LinkedHashMap<>();
    record
        .path("arguments")
        .properties()
        .forEach(argument -> arguments.put(argument.getKey(), argument.getValue().asText()));
    var invocation =
        new Invocation(
            record.path("containerId").asText(),
            record.path("namespace").asText(),
            record.path("interface").asText(),
            arguments);
    if (invocation.containerId().isEmpty()) {
      throw new IOException("containerId is missing");
    }
    return new Attachment(
        invocation,
        NetworkConfig.ofList(record.path("network")),
        record.path("capabilities"),
        Optional.ofNullable(record.get("result")));
  }
}
