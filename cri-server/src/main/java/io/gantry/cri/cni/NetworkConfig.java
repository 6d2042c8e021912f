package io.gantry.cri.cni;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A network: a chain of plugins. Follows the CNI specification, section 1.
 *
 * @param name the network's name
 * @param version the newest version of those the configuration allows that gantry speaks
 * @param plugins each plugin's object as configured, at least one
 */
record NetworkConfig(String name, SpecVersion version, List<ObjectNode> plugins) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");

  NetworkConfig {
    if (!NAME.matcher(name).matches()) {
      throw new IllegalArgumentException("network name \"" + name + "\" is not valid");
    }
    if (plugins.isEmpty()) {
      throw new IllegalArgumentException("network " + name + " has no plugins");
    }
    for (ObjectNode plugin : plugins) {
      String type = plugin.path("type").asText();
      // A type is looked up in the plugin directories; with a slash it would name a file anywhere.
      if (type.isEmpty() || type.contains("/") || type.equals("..")) {
        throw new IllegalArgumentException(
            "network %s has a plugin of type \"%s\"".formatted(name, type));
      }
    }
    plugins = plugins.stream().map(ObjectNode::deepCopy).toList();
  }

  /**
   * Reads a list of plugins.
   *
   * @throws CniException if it is none
   */
  static NetworkConfig ofList(JsonNode list) throws CniException {
    if (!list.path("plugins").isArray()) {
      throw new CniException("plugins is missing or no list");
    }
    return of(list, objects(list.path("plugins")));
  }

  /** A single plugin's configuration, which is a list of one. */
  static NetworkConfig ofPlugin(JsonNode plugin) throws CniException {
    if (!plugin.isObject()) {
      throw new CniException("not a JSON object");
    }
    return of(plugin, List.of((ObjectNode) plugin));
  }

  private static NetworkConfig of(JsonNode config, List<ObjectNode> plugins) throws CniException {
    try {
      return new NetworkConfig(config.path("name").asText(), version(config), plugins);
    } catch (IllegalArgumentException e) {
      throw new CniException(e.getMessage());
    }
  }

  /** The highest version that both sides know, among cniVersion and cniVersions. */
  private static SpecVersion version(JsonNode config) throws CniException {
    List<String> versions = new ArrayList<>();
    config.path("cniVersions").forEach(version -> versions.add(version.asText()));
    if (!config.path("cniVersion").asText().isEmpty()) {
      versions.add(config.path("cniVersion").asText());
    }
    if (versions.isEmpty()) {
      return SpecVersion.OLDEST;
    }
    return SpecVersion.newest(versions)
        .orElseThrow(
            () -> new CniException("none of the CNI versions %s is known".formatted(versions)));
  }

  static List<ObjectNode> objects(JsonNode array) throws CniException {
    List<ObjectNode> objects = new ArrayList<>();
    for (JsonNode item : array) {
      if (!item.isObject()) {
        throw new CniException("a plugin is no JSON object");
      }
      objects.add((ObjectNode) item);
    }
    return objects;
  }

  /** The capabilities that any plugin of the chain declares. */
  Set<String> capabilities() {
    Set<String> names = new LinkedHashSet<>();
    for (ObjectNode plugin : plugins) {
      plugin
          .path("capabilities")
          .properties()
          .forEach(
              capability -> {
                if (capability.getValue().asBoolean()) {
                  names.add(capability.getKey());
                }
              });
    }
    return names;
  }

  /** The configuration as a list, from which {@link #ofList} makes an equal one. */
  ObjectNode toJson() {
    ObjectNode list = JsonNodeFactory.instance.objectNode();
    list.put("cniVersion", version.text());
    list.put("name", name);
    plugins.forEach(list.putArray("plugins")::add);
    return list;
  }
}
