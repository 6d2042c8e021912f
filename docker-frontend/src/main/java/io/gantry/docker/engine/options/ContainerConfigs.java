package io.gantry.docker.engine.options;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A container's configuration: what was asked for, and what its image says of the rest. */
public final class ContainerConfigs {
  private ContainerConfigs() {}

  /**
   * Puts both together.
   *
   * @throws EngineException if nothing says what to run
   */
  public static ObjectNode merge(JsonNode asked, JsonNode image) throws EngineException {
    ObjectNode config = Json.object();
    String[] texts = {"Hostname", "Domainname", "User", "Image", "WorkingDir", "StopSignal"};
    for (String text : texts) {
      config.put(text, asked.path(text).isTextual() ? asked.path(text).textValue() : "");
    }
    for (String text : List.of("User", "WorkingDir", "StopSignal")) {
      if (config.path(text).asText().isEmpty()) {
        config.put(text, image.path(text).asText(""));
      }
    }
    String[] flags = {
      "AttachStdin", "AttachStdout", "AttachStderr", "Tty", "OpenStdin", "StdinOnce"
    };
    for (String flag : flags) {
      config.put(flag, asked.path(flag).asBoolean());
    }
    config.set("Env", environment(asked, image));
    command(config, asked, image);
    config.set("Labels", union(image.path("Labels"), asked.path("Labels")));
    config.set("ExposedPorts", union(image.path("ExposedPorts"), asked.path("ExposedPorts")));
    config.set("Volumes", union(image.path("Volumes"), asked.path("Volumes")));
    JsonNode health = asked.path("Healthcheck");
    JsonNode ofImage = image.path("Healthcheck");
    if (health.isObject() || ofImage.isObject()) {
      config.set("Healthcheck", HealthSettings.merge(health, ofImage));
    }
    if (asked.path("StopTimeout").isNumber()) {
      config.put("StopTimeout", asked.path("StopTimeout").asInt());
    }
    if (asked.path("Shell").isArray()) {
      config.set("Shell", asked.path("Shell"));
    }
    if (asked.path("NetworkDisabled").asBoolean()) {
      config.put("NetworkDisabled", true);
    }
    config.putNull("OnBuild");
    return config;
  }

  /** What is run: the program and its arguments. */
  public static List<String> arguments(JsonNode config) {
    List<String> all = new ArrayList<>(Json.listOf(config.path("Entrypoint")));
    all.addAll(Json.listOf(config.path("Cmd")));
    return all;
  }

  private static void command(ObjectNode config, JsonNode asked, JsonNode image)
      throws EngineException {
    List<String> entrypoint = Json.listOf(asked.path("Entrypoint"));
    List<String> command = Json.listOf(asked.path("Cmd"));
    boolean ownEntrypoint =
        asked.path("Entrypoint").isArray() || asked.path("Entrypoint").isTextual();
    // A lone "" takes the image's entrypoint away.
    boolean cleared = entrypoint.equals(List.of(""));
    if (!ownEntrypoint || entrypoint.isEmpty()) {
      if (command.isEmpty()) {
        command = Json.listOf(image.path("Cmd"));
      }
      entrypoint = Json.listOf(image.path("Entrypoint"));
    }
    if (cleared) {
      entrypoint = List.of();
    }
    if (entrypoint.isEmpty() && command.isEmpty()) {
      throw EngineException.badRequest("no command specified");
    }
    if (entrypoint.isEmpty()) {
      config.putNull("Entrypoint");
    } else {
      config.set("Entrypoint", Json.texts(entrypoint));
    }
    config.set("Cmd", Json.texts(command));
  }

  private static ArrayNode environment(JsonNode asked, JsonNode image) throws EngineException {
    Map<String, String> byName = new LinkedHashMap<>();
    for (String variable : Json.listOf(image.path("Env"))) {
      byName.put(variable.split("=", 2)[0], variable);
    }
    for (String variable : Json.listOf(asked.path("Env"))) {
      String name = variable.split("=", 2)[0];
      if (name.isEmpty()) {
        throw EngineException.badRequest("invalid environment variable: " + variable);
      }
      if (variable.indexOf('=') < 0) {
        byName.remove(name); // Named without a value: not to be set.
      } else {
        byName.put(name, variable);
      }
    }
    boolean hasPath = byName.containsKey("PATH");
    ArrayNode all = Json.array();
    if (!hasPath) {
      all.add("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin");
    }
    byName.values().forEach(all::add);
    return all;
  }

  private static ObjectNode union(JsonNode first, JsonNode second) {
    ObjectNode all = Json.object();
    first.properties().forEach(field -> all.set(field.getKey(), field.getValue()));
    second.properties().forEach(field -> all.set(field.getKey(), field.getValue()));
    return all;
  }
}
