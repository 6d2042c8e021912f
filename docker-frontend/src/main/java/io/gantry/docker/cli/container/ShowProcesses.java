package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.table.Columns;
import java.io.IOException;
import java.util.List;

/** Shows the processes of a container. */
public final class ShowProcesses implements Command {
  private static final int WIDTH = 20;

  @Override
  public Syntax syntax() {
    return Syntax.of(
            "CONTAINER [ps OPTIONS]", "Show the processes of a container", 1, Syntax.ANY, "")
        .withCommand();
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException {
    Query query = Query.of("containers", arguments.word(0), "top");
    List<String> options = arguments.words().subList(1, arguments.words().size());
    if (!options.isEmpty()) {
      query.with("ps_args", String.join(" ", options));
    }
    Json answer = session.api().get(query);
    StringBuilder lines = new StringBuilder(String.join("\t", answer.get("Titles").texts()));
    for (Json process : answer.get("Processes").items()) {
      lines.append('\n').append(String.join("\t", process.texts()));
    }
    session.out().println(Columns.align(lines.toString(), WIDTH));
    return 0;
  }
}
