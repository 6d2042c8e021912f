package io.gantry.docker.cli.system;

import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Serves a registry until it is stopped. The launcher bin/gantry does the same without coming here,
 * so that the server takes its place and gets its signals.
 */
public final class ServeRegistry implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of("-- [OPTION...]", "Serve a registry, without the daemon", 0, Syntax.ANY, "")
        .withCommand();
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, CommandFailure {
    List<String> words = new ArrayList<>(List.of("registry"));
    words.addAll(arguments.words());
    return new DaemonProgram(session.environment().home(), "gantry registry serve").run(words);
  }
}
