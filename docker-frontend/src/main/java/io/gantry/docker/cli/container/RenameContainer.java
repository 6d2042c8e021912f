package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Gives a container another name. */
public final class RenameContainer implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of("CONTAINER NEW_NAME", "Give a container another name", 2, 2, "");
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException {
    session
        .api()
        .post(Query.of("containers", arguments.word(0), "rename").with("name", arguments.word(1)));
    return 0;
  }
}
