package io.gantry.docker.cli.network;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.KeyValues;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Gives a container a place in a network, or takes it away. */
public record ConnectNetwork(boolean connect) implements Command {
  @Override
  public Syntax syntax() {
    if (!connect) {
      return Syntax.of(
          "[OPTIONS] NETWORK CONTAINER",
          "Take a container out of a network",
          2,
          2,
          """
          -f, --force   Even if it runs
          """);
    }
    return Syntax.of(
        "[OPTIONS] NETWORK CONTAINER",
        "Give a container a place in a network",
        2,
        2,
        """
            --alias strings           Another name for it there
            --driver-opt strings      Option of the network's driver
            --gw-priority int         The highest one's gateway is used
            --ip string               IPv4 address
            --ip6 string              IPv6 address
            --link list               Link to another container: name[:alias]
            --link-local-ip strings   Link-local address
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException {
    JsonObject body = new JsonObject().put("Container", arguments.word(1));
    if (connect) {
      body.put("EndpointConfig", endpoint(arguments).build());
    } else {
      body.put("Force", arguments.on("force"));
    }
    session
        .api()
        .post(
            Query.of("networks", arguments.word(0), connect ? "connect" : "disconnect"),
            body.build());
    return 0;
  }

  private static JsonObject endpoint(Arguments arguments) {
    JsonObject addresses = new JsonObject();
    arguments.value("ip").ifPresent(ip -> addresses.put("IPv4Address", ip));
    arguments.value("ip6").ifPresent(ip -> addresses.put("IPv6Address", ip));
    if (arguments.has("link-local-ip")) {
      addresses.put("LinkLocalIPs", arguments.values("link-local-ip"));
    }
    JsonObject endpoint = new JsonObject();
    if (!addresses.isEmpty()) {
      endpoint.put("IPAMConfig", addresses.build());
    }
    if (arguments.has("alias")) {
      endpoint.put("Aliases", arguments.values("alias"));
    }
    if (arguments.has("link")) {
      endpoint.put("Links", arguments.values("link"));
    }
    if (arguments.has("driver-opt")) {
      endpoint.put("DriverOpts", KeyValues.of(arguments.values("driver-opt")));
    }
    arguments.number("gw-priority").ifPresent(value -> endpoint.put("GwPriority", value));
    return endpoint;
  }
}
