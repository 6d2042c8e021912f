package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.ApiFailure;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Advice;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/**
 * Creates a container, starts it and stays with it until it ends, unless it is to be left alone.
 * Exits as the container does; with 125 if it could not be made, 126 if its command cannot be run,
 * 127 if that is not there.
 */
public final class RunContainer implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
            "[OPTIONS] IMAGE [COMMAND] [ARG...]",
            "Create a container from an image, and run it",
            1,
            Syntax.ANY,
            RunOptions.RUN)
        .withCommand();
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, BadUsage, CommandFailure {
    boolean detached = arguments.on("detach");
    if (detached && arguments.has("attach")) {
      throw BadUsage.flag("conflicting options: cannot specify both --attach and --detach");
    }
    boolean tty = arguments.on("tty");
    CreateRequest request = new CreateRequest(session, arguments, detached);
    if (tty && request.attaches("stdin") && !session.terminal().reads()) {
      throw new CommandFailure(
          "the input device is not a TTY; leave -t out to use gantry in a pipe", 1);
    }
    String id = new Creation(session, arguments).create(request);
    if (detached) {
      start(session, id);
      session.out().println(id);
      return 0;
    }
    Attaching how =
        new Attaching(
            id,
            tty,
            request.attaches("stdin"),
            request.attaches("stdout"),
            request.attaches("stderr"),
            arguments.on("sig-proxy", true),
            arguments.value("detach-keys"));
    boolean removed = arguments.on("rm");
    try (Attached attached = Attached.open(session, how, false);
        Ending ending = Ending.await(session, id, removed ? "removed" : "next-exit")) {
      start(session, id);
      attached.begin();
      if (attached.stream() == Attached.End.DETACHED) {
        return 0;
      }
      return ending.code();
    }
  }

  private static void start(Session session, String id) throws IOException, CommandFailure {
    try {
      session.api().post(Query.of("containers", id, "start"));
    } catch (ApiFailure e) {
      StringBuilder message = new StringBuilder("gantry: ").append(e.getMessage());
      Advice.on(e.words()).ifPresent(step -> message.append("\nNext: ").append(step));
      throw new CommandFailure(
          message.append("\n\nRun 'gantry run --help' for more information").toString(),
          StartCodes.of(e.words()));
    }
  }
}
