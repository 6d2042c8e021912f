package io.gantry.docker.cli.system;

import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Has gantryd examine the machine: only the daemon's side knows Linux and the configuration. Exits
 * with 0 if pods can run, 1 if not, 2 if the configuration is bad.
 */
public final class Doctor implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Examine this machine, and tell what is missing and how to get it",
        0,
        0,
        """
            --config string   The daemon's configuration (default: /etc/gantry/gantry.toml)
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, CommandFailure {
    List<String> words = new ArrayList<>();
    Optional<String> config = arguments.value("config");
    config.ifPresent(file -> words.addAll(List.of("--config", file)));
    words.add("doctor");
    return new DaemonProgram(session.environment().home(), "gantry system doctor").run(words);
  }
}
