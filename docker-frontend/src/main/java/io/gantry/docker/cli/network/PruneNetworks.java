package io.gantry.docker.cli.network;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Filters;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Removes networks that nobody is in. */
public final class PruneNetworks implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Remove networks that nobody is in",
        0,
        0,
        """
            --filter filter   Remove those only that match, such as "until=24h"
        -f, --force           Do not ask
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, BadUsage {
    Filters filters = Filters.of(arguments.values("filter"));
    if (!arguments.on("force")
        && !session.confirm(
            "WARNING! This will remove all custom networks not used by at least one container.\n"
                + "Are you sure you want to continue?")) {
      return 0;
    }
    Json answer = session.api().post(filters.addTo(Query.of("networks", "prune")));
    if (!answer.get("NetworksDeleted").items().isEmpty()) {
      session.out().println("Deleted Networks:");
      answer.get("NetworksDeleted").texts().forEach(session.out()::println);
      session.out().println();
    }
    return 0;
  }
}
