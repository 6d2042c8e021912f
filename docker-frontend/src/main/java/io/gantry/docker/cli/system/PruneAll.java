package io.gantry.docker.cli.system;

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
import java.util.ArrayList;
import java.util.List;

/** Removes all that nobody uses. */
public final class PruneAll implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Remove containers, networks, images and build cache that nobody uses",
        0,
        0,
        """
        -a, --all             Remove images with names as well
            --filter filter   Remove what matches only, such as "label=NAME=VALUE"
        -f, --force           Do not ask
            --volumes         Remove anonymous volumes as well
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, BadUsage {
    boolean all = arguments.on("all");
    boolean volumes = arguments.on("volumes");
    List<String> what =
        new ArrayList<>(
            List.of("all stopped containers", "all networks not used by at least one container"));
    if (volumes) {
      what.add("all anonymous volumes not used by at least one container");
    }
    what.add(
        all
            ? "all images without at least one container associated to them"
            : "all dangling images");
    what.add(all ? "all build cache" : "unused build cache");
    String warning = "WARNING! This will remove:\n  - " + String.join("\n  - ", what) + "\n";
    if (!arguments.on("force")
        && !session.confirm(warning + "\nAre you sure you want to continue?")) {
      return 0;
    }
    List<String> given = arguments.values("filter");
    double freed = 0;
    freed +=
        prune(session, "containers", Filters.of(given), "Deleted Containers:", "ContainersDeleted");
    freed += prune(session, "networks", Filters.of(given), "Deleted Networks:", "NetworksDeleted");
    if (volumes) {
      freed += prune(session, "volumes", Filters.of(given), "Deleted Volumes:", "VolumesDeleted");
    }
    Filters images = Filters.of(given).with("dangling", all ? "false" : "true");
    freed += prune(session, "images", images, "Deleted Images:", "ImagesDeleted");
    Query cache = Filters.of(given).addTo(Query.of("build", "prune").with("all", all));
    freed +=
        show(session, session.api().post(cache), "Deleted build cache objects:", "CachesDeleted");
    session.out().println("Total reclaimed space: " + Human.size(freed));
    return 0;
  }

  private static double prune(
      Session session, String path, Filters filters, String title, String field)
      throws IOException {
    return show(session, session.api().post(filters.addTo(Query.of(path, "prune"))), title, field);
  }

  private static double show(Session session, Json answer, String title, String field) {
    List<Json> removed = answer.get(field).items();
    if (!removed.isEmpty()) {
      session.out().println(title);
      for (Json each : removed) {
        String untagged = each.get("Untagged").text();
        String deleted = each.get("Deleted").text();
        session
            .out()
            .println(
                each.isText()
                    ? each.text()
                    : untagged.isEmpty() ? "deleted: " + deleted : "untagged: " + untagged);
      }
      session.out().println();
    }
    session.out().flush();
    return answer.get("SpaceReclaimed").decimal();
  }
}
