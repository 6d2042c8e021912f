package io.gantry.docker.cli.system;

import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.rehearsal.ClassArchive;
import java.io.IOException;

/** Makes the archive of classes that lets this command start quickly. */
public final class Rehearse implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of("", "Make gantry itself start faster with the Java at hand", 0, 0, "");
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, InterruptedException {
    ClassArchive archive = new ClassArchive(session.environment().home());
    archive.make();
    session.out().println(archive.file());
    return 0;
  }
}
