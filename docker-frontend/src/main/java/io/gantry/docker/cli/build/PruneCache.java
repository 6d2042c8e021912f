package io.gantry.docker.cli.build;

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

/** Removes what builds keep for the next ones. */
public final class PruneCache implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Remove what builds keep for the next ones",
        0,
        0,
        """
        -a, --all                  Remove all of it
            --filter filter        Remove what matches only, such as "until=24h"
        -f, --force                Do not ask
            --keep-storage bytes   Keep so much of it
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, BadUsage {
    boolean all = arguments.on("all");
    String warning =
        "WARNING! This will remove " + (all ? "all" : "all dangling") + " build cache.";
    if (!arguments.on("force")
        && !session.confirm(warning + " Are you sure you want to continue?")) {
      return 0;
    }
    Query query = Query.of("build", "prune").with("all", all);
    arguments
        .bytes("keep-storage")
        .ifPresent(bytes -> query.with("reserved-space", Long.toString(bytes)));
    Json answer = session.api().post(Filters.of(arguments.values("filter")).addTo(query));
    answer.get("CachesDeleted").texts().forEach(session.out()::println);
    session.out().println("Total:\t" + Human.size(answer.get("SpaceReclaimed").decimal()));
    return 0;
  }
}
