package io.gantry.docker.engine.options;

import com.fasterxml.jackson.databind.JsonNode;
import io.gantry.docker.engine.api.EngineException;
import io.gantry.proto.v1.PublishedPort;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** What of a container's ports is to be had on the host. */
public final class Ports {
  private static final Set<String> PROTOCOLS = Set.of("tcp", "udp", "sctp");

  private Ports() {}

  /**
   * Reads PortBindings, and ExposedPorts where all are to be published.
   *
   * @throws EngineException if something is no port
   */
  public static List<PublishedPort> of(JsonNode config, JsonNode host) throws EngineException {
    List<PublishedPort> ports = new ArrayList<>();
    Set<String> bound = new TreeSet<>();
    for (Map.Entry<String, JsonNode> entry : host.path("PortBindings").properties()) {
      PublishedPort port = parse(entry.getKey());
      bound.add(port.getContainerPort() + "/" + port.getProtocol());
      for (JsonNode binding : entry.getValue()) {
        ports.add(
            port.toBuilder()
                .setHostIp(binding.path("HostIp").asText(""))
                .setHostPort(hostPort(binding.path("HostPort").asText("")))
                .build());
      }
    }
    if (host.path("PublishAllPorts").asBoolean()) {
      for (Map.Entry<String, JsonNode> exposed : config.path("ExposedPorts").properties()) {
        PublishedPort port = parse(exposed.getKey());
        if (bound.add(port.getContainerPort() + "/" + port.getProtocol())) {
          ports.add(port);
        }
      }
    }
    return ports;
  }

  private static PublishedPort parse(String text) throws EngineException {
    int slash = text.indexOf('/');
    String number = slash < 0 ? text : text.substring(0, slash);
    String protocol = slash < 0 ? "tcp" : text.substring(slash + 1);
    if (!PROTOCOLS.contains(protocol)) {
      throw EngineException.badRequest("invalid proto: " + protocol);
    }
    int port = number(number, text);
    if (port == 0) {
      throw EngineException.badRequest("invalid port specification: \"" + text + "\"");
    }
    return PublishedPort.newBuilder().setProtocol(protocol).setContainerPort(port).build();
  }

  private static int hostPort(String text) throws EngineException {
    int dash = text.indexOf('-');
    // A range of ports for one port means any of them; the first one will do.
    return text.isEmpty() ? 0 : number(dash < 0 ? text : text.substring(0, dash), text);
  }

  private static int number(String text, String all) throws EngineException {
    try {
      int port = Integer.parseInt(text);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException e) {
      // Told like every other wrong number.
    }
    throw EngineException.badRequest("invalid port specification: \"" + all + "\"");
  }
}
