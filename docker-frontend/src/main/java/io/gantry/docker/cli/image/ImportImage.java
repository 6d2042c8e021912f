package io.gantry.docker.cli.image;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Names;
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

/** Makes an image of a file system in a tar archive. */
public final class ImportImage implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] file|URL|- [REPOSITORY[:TAG]]",
        "Make an image of a file system in a tar archive",
        1,
        2,
        """
        -c, --change list       Apply an instruction of a Dockerfile
        -m, --message string    What it is
            --platform string   The platform that it is for: os/arch[/variant]
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, CommandFailure {
    String source = arguments.word(0);
    boolean url = source.startsWith("http://") || source.startsWith("https://");
    Query query = Query.of("images", "create").with("fromSrc", url ? source : "-");
    arguments.wordIfAny(1).ifPresent(name -> Names.addTo(query, name));
    arguments.value("message").ifPresent(message -> query.with("message", message));
    arguments.values("change").forEach(change -> query.with("changes", change));
    arguments.value("platform").ifPresent(platform -> query.with("platform", platform));
    Request request = Request.of("POST", query.toString());
    try (InputStream in =
        url
            ? InputStream.nullInputStream()
            : source.equals("-")
                ? session.streams().in()
                : Files.newInputStream(session.environment().file(source))) {
      Request sent = url ? request : request.with(Body.stream("text/plain", in));
      boolean terminal = session.terminal().writes();
      try (Response response = session.api().call(sent)) {
        new Progress(session.out(), terminal, terminal ? session.terminal().size().columns() : 0)
            .show(response.body(), aux -> {});
      }
    } catch (NoSuchFileException e) {
      throw new CommandFailure("open " + source + ": no such file or directory");
    }
    return 0;
  }
}
