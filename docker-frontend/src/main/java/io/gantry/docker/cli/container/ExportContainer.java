package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.command.TarOutput;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Writes all files of a container as a tar archive. */
public final class ExportContainer implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] CONTAINER",
        "Write a container's files as a tar archive",
        1,
        1,
        """
        -o, --output string   Write to a file, not to standard output
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, CommandFailure {
    TarOutput.write(
        session, Query.of("containers", arguments.word(0), "export"), arguments.value("output"));
    return 0;
  }
}
