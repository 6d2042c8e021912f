package io.gantry.cri.writable;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.cri.state.RecordFormat;
import io.gantry.image.ImageRecord;
import io.gantry.image.manifest.ImageDocument;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.snapshot.ChainId;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A layer's record on disk. */
final class WritableLayerRecords implements RecordFormat<WritableLayer> {
  @Override
  public String kind() {
    return "writable layer";
  }

  @Override
  public int version() {
    return 1;
  }

  @Override
  public JsonNode write(WritableLayer layer) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("key", layer.key());
    record.put("asked", layer.asked());
    record.put("createdAt", layer.createdAt().toString());
    record.put("made", layer.made());
    layer.image().ifPresent(image -> write(record.putObject("image"), image));
    return record;
  }

  private static void write(ObjectNode json, ImageRecord image) {
    json.put("id", image.id().toString());
    texts(json.putArray("repoTags"), image.repoTags());
    texts(json.putArray("repoDigests"), image.repoDigests());
    json.put("sizeBytes", image.sizeBytes());
    image.topChainId().ifPresent(chain -> json.put("topChainId", chain.toString()));
    json.put("configJson", image.configJson());
    ObjectNode annotations = json.putObject("annotations");
    image.annotations().forEach(annotations::put);
    texts(json.putArray("blobs"), image.blobs().stream().map(Digest::toString).toList());
    json.put("pulledAt", image.pulledAt().toString());
  }

  private static void texts(ArrayNode to, List<String> values) {
    values.forEach(to::add);
  }

  @Override
  public WritableLayer read(JsonNode record, int version) throws IOException {
    try {
      JsonNode image = record.path("image");
      return new WritableLayer(
          record.path("key").asText(""),
          record.path("asked").asText(""),
          image.isObject() ? Optional.of(image(image)) : Optional.empty(),
          Instant.parse(record.path("createdAt").asText("")),
          record.path("made").asBoolean(false));
    } catch (DateTimeException | InvalidReferenceException | IllegalArgumentException e) {
      throw new IOException("a field has no valid value: " + e.getMessage(), e);
    }
  }

  private static ImageRecord image(JsonNode json) throws IOException, InvalidReferenceException {
    String configJson = json.path("configJson").asText("");
    String chain = json.path("topChainId").asText("");
    List<Digest> blobs = new ArrayList<>();
    for (String blob : strings(json.path("blobs"))) {
      blobs.add(Digest.parse(blob));
    }
    Map<String, String> annotations = new LinkedHashMap<>();
    json.path("annotations")
        .properties()
        .forEach(entry -> annotations.put(entry.getKey(), entry.getValue().asText()));
    return new ImageRecord(
        Digest.parse(json.path("id").asText("")),
        strings(json.path("repoTags")),
        strings(json.path("repoDigests")),
        json.path("sizeBytes").asLong(),
        ImageDocument.parse(
                "the recorded configuration", configJson.getBytes(StandardCharsets.UTF_8))
            .config(),
        chain.isEmpty() ? Optional.empty() : Optional.of(ChainId.parse(chain)),
        configJson,
        annotations,
        blobs,
        false,
        Instant.parse(json.path("pulledAt").asText("")));
  }

  private static List<String> strings(JsonNode array) {
    List<String> values = new ArrayList<>();
    array.forEach(value -> values.add(value.asText()));
    return values;
  }
}
