package io.gantry.docker.cli.image;

import io.gantry.docker.cli.api.ApiFailure;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Each;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Removes images, or names of theirs. */
public final class RemoveImages implements Command {
  private static final int NOT_FOUND = 404;

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] IMAGE [IMAGE...]",
        "Remove images, or names of theirs",
        1,
        Syntax.ANY,
        """
        -f, --force              Remove them whatever uses them
            --no-prune           Keep untagged parents
            --platform strings   Remove these platforms only
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, CommandFailure {
    boolean force = arguments.on("force");
    return Each.of(
        session,
        arguments.words(),
        name -> {
          Query query =
              Query.of("images", name)
                  .with("force", force)
                  .with("noprune", arguments.on("no-prune"));
          arguments
              .values("platform")
              .forEach(each -> query.with("platforms", Platforms.json(each).toString()));
          try {
            for (Json each : session.api().delete(query).items()) {
              String deleted = each.get("Deleted").text();
              session
                  .out()
                  .println(
                      deleted.isEmpty()
                          ? "Untagged: " + each.get("Untagged").text()
                          : "Deleted: " + deleted);
            }
          } catch (ApiFailure e) {
            if (!force || e.status() != NOT_FOUND) {
              throw e;
            }
            session.err().println(e.getMessage());
          }
        });
  }
}
