package io.gantry.docker.cli.image;

import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.settings.Credentials;
import java.io.IOException;

/** Forgets who the user is at a registry. */
public final class LogOut implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of("[SERVER]", "Log out from a registry", 0, 1, "");
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException {
    String registry = LogIn.registry(arguments);
    session.out().println("Removing login credentials for " + registry);
    if (!new Credentials(session.settings()).forget(registry)) {
      session.err().println("Not logged in to " + registry);
    }
    return 0;
  }
}
