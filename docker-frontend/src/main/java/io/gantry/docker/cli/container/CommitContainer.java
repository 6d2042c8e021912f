package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Names;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;
import java.util.Map;

/** Makes an image of a container. */
public final class CommitContainer implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] CONTAINER [REPOSITORY[:TAG]]",
        "Make an image of a container",
        1,
        2,
        """
        -a, --author string    Who made it
        -c, --change list      Apply an instruction of a Dockerfile
        -m, --message string   What it is
        -p, --pause            Freeze the container meanwhile (default true)
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException {
    Query query = Query.of("commit").with("container", arguments.word(0));
    arguments.wordIfAny(1).ifPresent(name -> Names.addTo(query, name));
    arguments.value("author").ifPresent(author -> query.with("author", author));
    arguments.value("message").ifPresent(message -> query.with("comment", message));
    arguments.values("change").forEach(change -> query.with("changes", change));
    query.with("pause", arguments.on("pause", true) ? "1" : "0");
    session
        .out()
        .println(
            session
                .api()
                .post(query, io.gantry.docker.cli.json.Json.object(Map.of()))
                .get("Id")
                .text());
    return 0;
  }
}
