package io.gantry.docker.cli.network;

import io.gantry.docker.cli.api.ApiFailure;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Each;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Removes networks. */
public final class RemoveNetworks implements Command {
  private static final int NOT_FOUND = 404;

  @Override
  public Syntax syntax() {
    return Syntax.of(
        "NETWORK [NETWORK...]",
        "Remove networks that no container is in",
        1,
        Syntax.ANY,
        """
        -f, --force   Do not complain of those that are not there
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, CommandFailure {
    return Each.named(
        session,
        arguments.words(),
        name -> {
          try {
            session.api().delete(Query.of("networks", name));
          } catch (ApiFailure e) {
            if (!arguments.on("force") || e.status() != NOT_FOUND) {
              throw e;
            }
          }
        });
  }
}
