package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** Shows where a container's ports are published. */
public final class ShowPorts implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "CONTAINER [PRIVATE_PORT[/PROTO]]",
        "Show where a container's ports are published",
        1,
        2,
        "");
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, CommandFailure {
    Json container = session.api().get(Query.of("containers", arguments.word(0), "json"));
    Map<String, Json> ports = new TreeMap<>(container.at("NetworkSettings", "Ports").fields());
    if (arguments.wordIfAny(1).isEmpty()) {
      for (Map.Entry<String, Json> port : ports.entrySet()) {
        for (Json host : port.getValue().items()) {
          session.out().println(port.getKey() + " -> " + shown(host));
        }
      }
      return 0;
    }
    String asked = arguments.word(1);
    Json hosts = ports.get(asked.contains("/") ? asked : asked + "/tcp");
    if (hosts == null || hosts.items().isEmpty()) {
      throw new CommandFailure(
          "Error: No public port '" + asked + "' published for " + arguments.word(0));
    }
    hosts.items().forEach(host -> session.out().println(shown(host)));
    return 0;
  }

  private static String shown(Json host) {
    return Ports.host(host.get("HostIp").text()) + ":" + host.get("HostPort").text();
  }
}
