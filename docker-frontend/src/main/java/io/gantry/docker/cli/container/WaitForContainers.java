package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Each;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Waits for containers to end, and shows what they exit with. */
public final class WaitForContainers implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "CONTAINER [CONTAINER...]",
        "Wait until containers have ended, and print their exit codes",
        1,
        Syntax.ANY,
        "");
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, CommandFailure {
    return Each.of(
        session,
        arguments.words(),
        name -> {
          Json answer = session.api().post(Query.of("containers", name, "wait"));
          session.out().println(answer.get("StatusCode").number());
          session.out().flush();
        });
  }
}
