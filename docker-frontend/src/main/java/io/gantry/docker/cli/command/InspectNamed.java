package io.gantry.docker.cli.command;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;

/**
 * Shows things of one kind in full.
 *
 * @param path where the engine has them
 */
public record InspectNamed(String path, Syntax syntax) implements Command {
  /**
   * @param kind in capitals, as usage shows it
   */
  public static InspectNamed of(String path, String kind, String summary) {
    return new InspectNamed(
        path,
        Syntax.of(
            "[OPTIONS] " + kind + " [" + kind + "...]",
            summary,
            1,
            Syntax.ANY,
            """
            -f, --format string   Output by a template, or "json"
            -v, --verbose         Show more, where there is more
            """));
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, TemplateFailure {
    return Inspection.show(
        session,
        arguments.words(),
        arguments.value("format"),
        name -> session.api().get(Query.of(path, name).with("verbose", arguments.on("verbose"))));
  }
}
