package io.gantry.docker.cli.network;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.KeyValues;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Makes a network. */
public final class CreateNetwork implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] NETWORK",
        "Create a network",
        1,
        1,
        """
            --attachable           Taken for compatibility
            --aux-address map      Address that nobody is to get: NAME=ADDRESS
        -d, --driver string        Who makes it (default "bridge")
            --gateway strings      Address of the gateway
            --internal             Let nobody out of it
            --ip-range strings     Give containers addresses of this part of the subnet
            --ipam-driver string   Who gives addresses (default "default")
            --ipam-opt map         Option of that one: NAME=VALUE
            --ipv4                 Give IPv4 addresses (default true)
            --ipv6                 Give IPv6 addresses
            --label list           Label it: NAME=VALUE
        -o, --opt map              Option of the driver: NAME=VALUE
            --scope string         Only "local"
            --subnet strings       Its addresses, in CIDR form
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, BadUsage {
    JsonObject body = new JsonObject();
    body.put("Name", arguments.word(0));
    body.put("Driver", arguments.value("driver", "bridge"));
    arguments.value("scope").ifPresent(scope -> body.put("Scope", scope));
    if (arguments.has("ipv4")) {
      body.put("EnableIPv4", arguments.on("ipv4"));
    }
    if (arguments.has("ipv6")) {
      body.put("EnableIPv6", arguments.on("ipv6"));
    }
    body.put(
        "IPAM",
        new JsonObject()
            .put("Driver", arguments.value("ipam-driver", "default"))
            .put("Options", KeyValues.of(arguments.values("ipam-opt")))
            .put("Config", Json.array(subnets(arguments)))
            .build());
    body.put("Internal", arguments.on("internal"));
    body.put("Attachable", arguments.on("attachable"));
    body.put("Options", KeyValues.of(arguments.values("opt")));
    body.put("Labels", KeyValues.of(arguments.values("label")));
    Json answer = session.api().post(Query.of("networks", "create"), body.build());
    String warning = answer.get("Warning").text();
    if (!warning.isEmpty()) {
      session.err().println("WARNING: " + warning);
    }
    session.out().println(answer.get("Id").text());
    return 0;
  }

  /** Gateways and ranges belong to the subnet at the same place in their row. */
  private static List<Json> subnets(Arguments arguments) throws BadUsage {
    List<String> subnets = arguments.values("subnet");
    List<String> gateways = arguments.values("gateway");
    List<String> ranges = arguments.values("ip-range");
    if (subnets.isEmpty() && !(gateways.isEmpty() && ranges.isEmpty())) {
      throw BadUsage.flag("--gateway and --ip-range need the --subnet that they are of");
    }
    if (gateways.size() > subnets.size() || ranges.size() > subnets.size()) {
      throw BadUsage.flag("each --gateway and each --ip-range needs a --subnet of its own");
    }
    List<Json> all = new ArrayList<>();
    for (int i = 0; i < subnets.size(); i++) {
      JsonObject subnet = new JsonObject().put("Subnet", subnets.get(i));
      if (i < ranges.size()) {
        subnet.put("IPRange", ranges.get(i));
      }
      if (i < gateways.size()) {
        subnet.put("Gateway", gateways.get(i));
      }
      if (i == 0 && arguments.has("aux-address")) {
        subnet.put("AuxiliaryAddresses", KeyValues.of(arguments.values("aux-address")));
      }
      all.add(subnet.build());
    }
    return all;
  }
}
