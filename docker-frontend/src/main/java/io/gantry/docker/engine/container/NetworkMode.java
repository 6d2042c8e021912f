package io.gantry.docker.engine.container;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * Which network a container is in when it is made.
 *
 * @param name bridge, host, none, container:ID, or a network's name
 */
record NetworkMode(String name) {
  private static final String CONTAINER = "container:";

  /** Reads Config and HostConfig. */
  static NetworkMode of(JsonNode config, JsonNode host) {
    if (config.path("NetworkDisabled").asBoolean()) {
      return new NetworkMode("none");
    }
    String mode = host.path("NetworkMode").asText("");
    return new NetworkMode(mode.isEmpty() || mode.equals("default") ? "bridge" : mode);
  }

  boolean isHost() {
    return name.equals("host");
  }

  boolean isNone() {
    return name.equals("none");
  }

  boolean isDefault() {
    return name.equals("bridge");
  }

  /** Whether it is another container's. */
  boolean isShared() {
    return name.startsWith(CONTAINER);
  }

  /** The other container. */
  String other() {
    return name.substring(CONTAINER.length());
  }

  /** Whether it has networks that are connected one by one. */
  boolean isNetwork() {
    return !isHost() && !isNone() && !isShared();
  }
}
