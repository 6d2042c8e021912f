package io.gantry.docker.cli.container;

import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Creates a container and leaves it at that. */
public final class CreateContainer implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
            "[OPTIONS] IMAGE [COMMAND] [ARG...]",
            "Create a container, to be started later",
            1,
            Syntax.ANY,
            RunOptions.CREATE)
        .withCommand();
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, BadUsage, CommandFailure {
    CreateRequest request = new CreateRequest(session, arguments, false);
    session.out().println(new Creation(session, arguments).create(request));
    return 0;
  }
}
