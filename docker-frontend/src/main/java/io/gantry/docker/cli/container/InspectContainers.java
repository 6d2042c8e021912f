package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Inspection;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;

/** Shows containers in full. */
public final class InspectContainers implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] CONTAINER [CONTAINER...]",
        "Show all that is known of containers",
        1,
        Syntax.ANY,
        """
        -f, --format string   Output by a template, or "json"
        -s, --size            Show their sizes as well
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, TemplateFailure {
    return Inspection.show(
        session,
        arguments.words(),
        arguments.value("format"),
        name ->
            session
                .api()
                .get(Query.of("containers", name, "json").with("size", arguments.on("size"))));
  }
}
