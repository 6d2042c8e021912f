package io.gantry.docker.engine.event;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.ApiVersion;
import io.gantry.docker.engine.api.Json;
import java.time.Instant;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;

/**
 * Something that happened.
 *
 * @param type of the object: container, image, network, volume …
 * @param attributes what else is known of the object, its labels included
 */
public record Event(
    String type, String action, String id, Map<String, String> attributes, Instant time) {
  private static final int NANOS = 1_000_000_000;

  public Event {
    attributes = Collections.unmodifiableMap(new TreeMap<>(attributes));
  }

  long nanos() {
    return time.getEpochSecond() * NANOS + time.getNano();
  }

  /** As a client of that version reads it. */
  ObjectNode toJson(ApiVersion version) {
    ObjectNode json = Json.object();
    if (!version.isAtLeast(52)) {
      json.put("status", action).put("id", id);
      if (type.equals("container")) {
        json.put("from", attributes.getOrDefault("image", ""));
      }
    }
    json.put("Type", type).put("Action", action);
    ObjectNode actor = json.putObject("Actor");
    actor.put("ID", id);
    actor.set("Attributes", Json.texts(attributes));
    return json.put("scope", "local").put("time", time.getEpochSecond()).put("timeNano", nanos());
  }
}
