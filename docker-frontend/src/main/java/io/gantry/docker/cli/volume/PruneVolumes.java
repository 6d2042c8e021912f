package io.gantry.docker.cli.volume;

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

/** Removes volumes that nobody uses. */
public final class PruneVolumes implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Remove volumes that nobody uses",
        0,
        0,
        """
        -a, --all             Remove those with names as well
            --filter filter   Remove those only that match, such as "label=NAME"
        -f, --force           Do not ask
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, BadUsage {
    Filters filters = Filters.of(arguments.values("filter"));
    boolean all = arguments.on("all");
    if (all) {
      filters.with("all", "true");
    }
    String warning =
        "WARNING! This will remove "
            + (all ? "all" : "anonymous")
            + " local volumes not used by at least one container.";
    if (!arguments.on("force")
        && !session.confirm(warning + "\nAre you sure you want to continue?")) {
      return 0;
    }
    Json answer = session.api().post(filters.addTo(Query.of("volumes", "prune")));
    if (!answer.get("VolumesDeleted").items().isEmpty()) {
      session.out().println("Deleted Volumes:");
      answer.get("VolumesDeleted").texts().forEach(session.out()::println);
      session.out().println();
    }
    session
        .out()
        .println("Total reclaimed space: " + Human.size(answer.get("SpaceReclaimed").decimal()));
    return 0;
  }
}
