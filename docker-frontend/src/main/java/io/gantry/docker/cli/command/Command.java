package io.gantry.docker.cli.command;

import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.template.TemplateFailure;
import java.io.IOException;

/** A command of the command line. */
public interface Command {
  Syntax syntax();

  /**
   * Does it.
   *
   * @return what the process exits with
   */
  int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, BadUsage, TemplateFailure, CommandFailure;
}
