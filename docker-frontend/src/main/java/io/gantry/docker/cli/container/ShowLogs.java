package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Moments;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.Request;
import io.gantry.docker.cli.http.Response;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Shows what a container has written. */
public final class ShowLogs implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] CONTAINER",
        "Show what a container has written",
        1,
        1,
        """
            --details        Show attributes that the log was given
        -f, --follow         Go on with what it writes from now on
            --since string   Begin here: 2026-01-31T12:00:00Z, or 42m for so long ago
        -n, --tail string    Show so many lines of the end (default "all")
        -t, --timestamps     Show when each line was written
            --until string   End here: 2026-01-31T12:00:00Z, or 42m for so long ago
        """);
  }

  @Override
  public int run(Session session, Arguments arguments)
      throws IOException, BadUsage, CommandFailure {
    Json container = session.api().get(Query.of("containers", arguments.word(0), "json"));
    Query query =
        Query.of("containers", container.get("Id").text(), "logs")
            .with("stdout", true)
            .with("stderr", true)
            .with("follow", arguments.on("follow"))
            .with("timestamps", arguments.on("timestamps"))
            .with("details", arguments.on("details"));
    if (arguments.has("since")) {
      query.with("since", Moments.epoch(arguments.value("since", "")));
    }
    if (arguments.has("until")) {
      query.with("until", Moments.epoch(arguments.value("until", "")));
    }
    query.with("tail", arguments.value("tail", "all"));
    try (Response logs = session.api().call(Request.of("GET", query.toString()))) {
      Frames.copy(logs.body(), container.at("Config", "Tty").truth(), session.streams());
    }
    return 0;
  }
}
