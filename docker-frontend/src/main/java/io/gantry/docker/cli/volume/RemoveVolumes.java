package io.gantry.docker.cli.volume;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Each;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Removes volumes. */
public final class RemoveVolumes implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] VOLUME [VOLUME...]",
        "Remove volumes that no container uses",
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
        name ->
            session.api().delete(Query.of("volumes", name).with("force", arguments.on("force"))));
  }
}
