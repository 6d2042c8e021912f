package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Filters;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.table.Human;
import java.io.IOException;

/** Removes all containers that do not run. */
public final class PruneContainers implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Remove all containers that do not run",
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
            "WARNING! This will remove all stopped containers.\n"
                + "Are you sure you want to continue?")) {
      return 0;
    }
    Json answer = session.api().post(filters.addTo(Query.of("containers", "prune")));
    if (!answer.get("ContainersDeleted").items().isEmpty()) {
      session.out().println("Deleted Containers:");
      answer.get("ContainersDeleted").texts().forEach(session.out()::println);
      session.out().println();
    }
    session
        .out()
        .println("Total reclaimed space: " + Human.size(answer.get("SpaceReclaimed").decimal()));
    return 0;
  }
}
