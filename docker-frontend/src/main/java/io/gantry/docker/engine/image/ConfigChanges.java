package io.gantry.docker.engine.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.docker.engine.api.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Lines of a Dockerfile that change an image's configuration, as {@code --change} takes them. */
public final class ConfigChanges {

  private final ObjectNode config = Json.object();

  private ConfigChanges() {}

  /**
   * The configuration that the lines make.
   *
   * @throws EngineException if one is malformed, or no change of a configuration
   */
  public static ObjectNode of(List<String> lines) throws EngineException {
    ConfigChanges changes = new ConfigChanges();
    for (String line : lines) {
      for (String one : line.split("\n")) {
        if (!one.isBlank()) {
          changes.apply(one.strip());
        }
      }
    }
    return changes.config;
  }

  private void apply(String line) throws EngineException {
    String[] parts = line.split("\\s+", 2);
    String rest = parts.length > 1 ? parts[1].strip() : "";
    if (rest.isEmpty()) {
      throw EngineException.badRequest("change \"" + line + "\" says nothing");
    }
    switch (parts[0].toUpperCase(Locale.ROOT)) {
      case "CMD" -> config.set("Cmd", command(rest));
      case "ENTRYPOINT" -> config.set("Entrypoint", command(rest));
      case "ENV" -> pairs(rest).forEach(config.withArray("Env")::add);
      case "LABEL" -> {
        for (String pair : pairs(rest)) {
          int equals = pair.indexOf('=');
          config.withObject("/Labels").put(pair.substring(0, equals), pair.substring(equals + 1));
        }
      }
      case "EXPOSE" -> {
        for (String port : rest.split("\\s+")) {
          config.withObject("/ExposedPorts").putObject(port.contains("/") ? port : port + "/tcp");
        }
      }
      case "VOLUME" -> {
        JsonNode list = rest.startsWith("[") ? Json.parse(rest, "VOLUME") : Json.array();
        List<String> paths = rest.startsWith("[") ? Json.listOf(list) : List.of(rest.split("\\s+"));
        paths.forEach(path -> config.withObject("/Volumes").putObject(path));
      }
      case "USER" -> config.put("User", rest);
      case "WORKDIR" -> config.put("WorkingDir", rest);
      case "STOPSIGNAL" -> config.put("StopSignal", rest);
      case "ONBUILD" -> config.withArray("OnBuild").add(rest);
      default ->
          throw EngineException.badRequest(
              "change \"" + line + "\": " + parts[0] + " is no change of a configuration here");
    }
  }

  /** A JSON array, or a line for a shell. */
  private static ArrayNode command(String rest) throws EngineException {
    return rest.startsWith("[")
        ? Json.texts(Json.listOf(Json.parse(rest, "command")))
        : Json.texts(List.of("/bin/sh", "-c", rest));
  }

  /** {@code a=b c="d e"}, or the old form {@code a b}. */
  private static List<String> pairs(String rest) throws EngineException {
    if (!rest.split("\\s+", 2)[0].contains("=")) {
      String[] old = rest.split("\\s+", 2);
      if (old.length < 2) {
        throw EngineException.badRequest("\"" + rest + "\" is neither NAME=value nor NAME value");
      }
      return List.of(old[0] + "=" + old[1]);
    }
    List<String> pairs = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    char quote = 0;
    for (int i = 0; i < rest.length(); i++) {
      char c = rest.charAt(i);
      if (quote != 0 && c == quote) {
        quote = 0;
      } else if (quote == 0 && (c == '"' || c == '\'')) {
        quote = c;
      } else if (c == '\\' && i + 1 < rest.length()) {
        word.append(rest.charAt(++i));
      } else if (quote == 0 && Character.isWhitespace(c)) {
        add(pairs, word);
      } else {
        word.append(c);
      }
    }
    add(pairs, word);
    return pairs;
  }

  private static void add(List<String> pairs, StringBuilder word) throws EngineException {
    if (word.length() > 0) {
      if (word.indexOf("=") < 1) {
        throw EngineException.badRequest("\"" + word + "\" is not NAME=value");
      }
      pairs.add(word.toString());
      word.setLength(0);
    }
  }
}
