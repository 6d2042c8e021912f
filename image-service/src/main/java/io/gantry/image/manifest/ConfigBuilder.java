package io.gantry.image.manifest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Writes image configurations (OCI image specification, config.md). */
public final class ConfigBuilder {

  private static final JsonMapper MAPPER = new JsonMapper();

  /** One line of an image's history. */
  public record History(Instant created, String createdBy, String comment, boolean emptyLayer) {
    public History {
      Objects.requireNonNull(created);
      Objects.requireNonNull(createdBy);
      Objects.requireNonNull(comment);
    }
  }

  private final Platform platform;
  private final Instant created;
  private final List<Digest> diffIds = new ArrayList<>();
  private final List<History> history = new ArrayList<>();
  private JsonNode config = MAPPER.createObjectNode();

  public ConfigBuilder(Platform platform, Instant created) {
    this.platform = Objects.requireNonNull(platform);
    this.created = Objects.requireNonNull(created);
  }

  /**
   * What says how to run it.
   *
   * @param json an object; empty bytes for none
   * @throws ImageException CORRUPT if it is no JSON object
   */
  public ConfigBuilder config(byte[] json) throws ImageException {
    if (json.length > 0) {
      config = Json.parse("the image's config", json);
    }
    return this;
  }

  /** One more layer, on top. */
  public ConfigBuilder layer(Digest diffId, History line) {
    diffIds.add(diffId);
    history.add(line);
    return this;
  }

  /** The whole document. */
  public byte[] build() {
    ObjectNode document = MAPPER.createObjectNode();
    document.put("created", created.toString());
    document.put("architecture", platform.architecture());
    if (!platform.variant().isEmpty()) {
      document.put("variant", platform.variant());
    }
    document.put("os", platform.os());
    document.set("config", config);
    ObjectNode rootfs = document.putObject("rootfs");
    rootfs.put("type", "layers");
    ArrayNode ids = rootfs.putArray("diff_ids");
    diffIds.forEach(diffId -> ids.add(diffId.toString()));
    ArrayNode lines = document.putArray("history");
    for (History line : history) {
      ObjectNode node = lines.addObject();
      node.put("created", line.created().toString());
      text(node, "created_by", line.createdBy());
      text(node, "comment", line.comment());
      if (line.emptyLayer()) {
        node.put("empty_layer", true);
      }
    }
    try {
      return MAPPER.writeValueAsBytes(document);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of strings is always JSON", e);
    }
  }

  private static void text(ObjectNode node, String key, String value) {
    if (!value.isEmpty()) {
      node.put(key, value);
    }
  }
}
