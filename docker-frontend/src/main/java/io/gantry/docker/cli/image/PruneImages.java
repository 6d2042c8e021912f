package io.gantry.docker.cli.image;

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

/** Removes images that nobody uses. */
public final class PruneImages implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Remove images that nobody uses",
        0,
        0,
        """
        -a, --all             Remove those with names as well
            --filter filter   Remove those only that match, such as "until=24h"
        -f, --force           Do not ask
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, BadUsage {
    boolean all = arguments.on("all");
    Filters filters =
        Filters.of(arguments.values("filter")).with("dangling", all ? "false" : "true");
    String warning =
        all
            ? "WARNING! This will remove all images without at least one container associated to"
                + " them."
            : "WARNING! This will remove all dangling images.";
    if (!arguments.on("force")
        && !session.confirm(warning + "\nAre you sure you want to continue?")) {
      return 0;
    }
    Json answer = session.api().post(filters.addTo(Query.of("images", "prune")));
    if (!answer.get("ImagesDeleted").items().isEmpty()) {
      session.out().println("Deleted Images:");
      for (Json each : answer.get("ImagesDeleted").items()) {
        String untagged = each.get("Untagged").text();
        session
            .out()
            .println(
                untagged.isEmpty()
                    ? "deleted: " + each.get("Deleted").text()
                    : "untagged: " + untagged);
      }
      session.out().println();
    }
    session
        .out()
        .println("Total reclaimed space: " + Human.size(answer.get("SpaceReclaimed").decimal()));
    return 0;
  }
}
