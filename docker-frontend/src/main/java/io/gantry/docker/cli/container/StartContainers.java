package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Each;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Starts containers that are there, and stays with one if asked to. */
public final class StartContainers implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] CONTAINER [CONTAINER...]",
        "Start containers",
        1,
        Syntax.ANY,
        """
        -a, --attach               Stay with it, show its output and pass signals on
            --detach-keys string   Keys that leave it running (default: ctrl-p,ctrl-q)
        -i, --interactive          Pass standard input on
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, InterruptedException, CommandFailure {
    boolean attach = arguments.on("attach") || arguments.on("interactive");
    if (!attach) {
      return Each.named(
          session,
          arguments.words(),
          name -> session.api().post(Query.of("containers", name, "start")));
    }
    if (arguments.words().size() > 1) {
      throw new CommandFailure("you cannot start and attach multiple containers at once");
    }
    Json container = session.api().get(Query.of("containers", arguments.word(0), "json"));
    String id = container.get("Id").text();
    boolean open = container.at("Config", "OpenStdin").truth();
    Attaching how =
        new Attaching(
            id,
            container.at("Config", "Tty").truth(),
            open && arguments.on("interactive"),
            true,
            true,
            true,
            arguments.value("detach-keys"));
    boolean removed = container.at("HostConfig", "AutoRemove").truth();
    try (Attached attached = Attached.open(session, how, false);
        Ending ending = Ending.await(session, id, removed ? "removed" : "next-exit")) {
      session.api().post(Query.of("containers", id, "start"));
      attached.begin();
      return attached.stream() == Attached.End.DETACHED ? 0 : ending.code();
    }
  }
}
