package io.gantry.docker.cli.image;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.Body;
import io.gantry.docker.cli.http.Request;
import io.gantry.docker.cli.http.Response;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.progress.Progress;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Optional;

/** Takes images out of a tar archive. */
public final class LoadImages implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Take images out of a tar archive",
        0,
        0,
        """
        -i, --input string      Read from a file, not from standard input
            --platform string   Take the image for this platform only: os/arch[/variant]
        -q, --quiet             Do not show how it comes along
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, CommandFailure {
    Optional<String> file = arguments.value("input");
    if (file.isEmpty() && session.terminal().reads()) {
      throw new CommandFailure(
          "requested load from stdin, but stdin is empty; name a file with -i");
    }
    Query query = Query.of("images", "load").with("quiet", arguments.on("quiet"));
    arguments
        .value("platform")
        .ifPresent(each -> query.with("platform", Platforms.json(each).toString()));
    try (InputStream in =
        file.isEmpty()
            ? session.streams().in()
            : Files.newInputStream(session.environment().file(file.get()))) {
      Request request =
          Request.of("POST", query.toString()).with(Body.stream("application/x-tar", in));
      boolean terminal = session.terminal().writes();
      try (Response response = session.api().call(request)) {
        new Progress(session.out(), terminal, terminal ? session.terminal().size().columns() : 0)
            .show(response.body(), aux -> {});
      }
    } catch (NoSuchFileException e) {
      throw new CommandFailure("open " + file.orElse("") + ": no such file or directory");
    }
    return 0;
  }
}
