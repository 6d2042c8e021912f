package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Shows what differs in a container from its image. */
public final class ShowChanges implements Command {
  private static final String[] KINDS = {"C", "A", "D"};

  @Override
  public Syntax syntax() {
    return Syntax.of("CONTAINER", "Show what a container has changed in its image", 1, 1, "");
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException {
    Query query = Query.of("containers", arguments.word(0), "changes");
    for (Json change : session.api().get(query).items()) {
      session
          .out()
          .println(KINDS[(int) change.get("Kind").number()] + " " + change.get("Path").text());
    }
    return 0;
  }
}
