package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Ties the user's streams to those of a container that runs. Exits as the container does. */
public final class AttachContainer implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] CONTAINER",
        "Attach standard input, output and error to a container that runs",
        1,
        1,
        """
            --detach-keys string   Keys that leave it running (default: ctrl-p,ctrl-q)
            --no-stdin             Do not pass standard input on
            --sig-proxy            Pass signals on to it (default true)
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, CommandFailure {
    Json container = session.api().get(Query.of("containers", arguments.word(0), "json"));
    Json state = container.get("State");
    if (!state.get("Running").truth()) {
      throw new CommandFailure(
          "cannot attach to a stopped container, start it first: gantry start "
              + arguments.word(0));
    }
    if (state.get("Paused").truth()) {
      throw new CommandFailure(
          "cannot attach to a paused container, unpause it first: gantry unpause "
              + arguments.word(0));
    }
    boolean tty = container.at("Config", "Tty").truth();
    boolean input = container.at("Config", "OpenStdin").truth() && !arguments.on("no-stdin");
    if (tty && input && !session.terminal().reads()) {
      throw new CommandFailure("the input device is not a TTY");
    }
    String id = container.get("Id").text();
    Attaching how =
        new Attaching(
            id,
            tty,
            input,
            true,
            true,
            arguments.on("sig-proxy", true),
            arguments.value("detach-keys"));
    try (Attached attached = Attached.open(session, how, false);
        Ending ending = Ending.await(session, id, "not-running")) {
      attached.begin();
      if (attached.stream() == Attached.End.DETACHED) {
        throw new CommandFailure("read escape sequence");
      }
      return ending.code();
    }
  }
}
