package io.gantry.docker.cli.image;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Inspection;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;

/** Shows images in full. */
public final class InspectImages implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] IMAGE [IMAGE...]",
        "Show all that is known of images",
        1,
        Syntax.ANY,
        """
        -f, --format string     Output by a template, or "json"
            --platform string   Show the image for this platform: os/arch[/variant]
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, TemplateFailure {
    return Inspection.show(
        session,
        arguments.words(),
        arguments.value("format"),
        name -> {
          Query query = Query.of("images", name, "json");
          arguments
              .value("platform")
              .ifPresent(each -> query.with("platform", Platforms.json(each).toString()));
          return session.api().get(query);
        });
  }
}
