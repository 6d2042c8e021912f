package io.gantry.cri.namedvolume;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.state.RecordFormat;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;

/** A volume's record on disk. */
final class NamedVolumeRecords implements RecordFormat<NamedVolume> {
  @Override
  public String kind() {
    return "volume";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public JsonNode write(NamedVolume volume) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("name", volume.name());
    record.put("createdAt", volume.createdAt().toString());
    record.put("made", volume.made());
    ObjectNode labels = record.putObject("labels");
    volume.labels().forEach(labels::put);
    ObjectNode options = record.putObject("options");
    volume.options().forEach(options::put);
    return record;
  }

  @Override
  public NamedVolume read(JsonNode record, int version) throws IOException {
    try {
      return new NamedVolume(
          record.path("name").asText(""),
          Instant.parse(record.path("createdAt").asText("")),
          texts(record.path("labels")),
          texts(record.path("options")),
          record.path("made").asBoolean(false));
    } catch (DateTimeException | CriException e) {
      throw new IOException("a field has no valid value: " + e.getMessage(), e);
    }
  }

  private static Map<String, String> texts(JsonNode object) {
    Map<String, String> texts = new LinkedHashMap<>();
    object.properties().forEach(entry -> texts.put(entry.getKey(), entry.getValue().asText()));
    return texts;
  }
}
