package io.gantry.docker.cli.image;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.command.TarOutput;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Writes images as a tar archive. */
public final class SaveImages implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] IMAGE [IMAGE...]",
        "Write images as a tar archive",
        1,
        Syntax.ANY,
        """
        -o, --output string     Write to a file, not to standard output
            --platform string   Write the image for this platform only: os/arch[/variant]
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, CommandFailure {
    Query query = Query.of("images", "get");
    arguments.words().forEach(name -> query.with("names", name));
    arguments
        .value("platform")
        .ifPresent(each -> query.with("platform", Platforms.json(each).toString()));
    TarOutput.write(session, query, arguments.value("output"));
    return 0;
  }
}
