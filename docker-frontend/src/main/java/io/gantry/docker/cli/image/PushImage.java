package io.gantry.docker.cli.image;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.http.Request;
import io.gantry.docker.cli.http.Response;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import io.gantry.docker.cli.progress.Progress;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;

/** Takes an image to a registry. */
public final class PushImage implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] NAME[:TAG]",
        "Take an image to a registry",
        1,
        1,
        """
        -a, --all-tags          Take all tags of the repository there
            --platform string   Take only the image for this platform: os/arch[/variant]
        -q, --quiet             Do not show how it comes along
        !   --disable-content-trust   Taken for compatibility
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, CommandFailure {
    String image = arguments.word(0);
    boolean all = arguments.on("all-tags");
    int colon = image.lastIndexOf(':');
    boolean tagged = colon > image.lastIndexOf('/');
    if (all && tagged) {
      throw new CommandFailure("tag can't be used with --all-tags/-a");
    }
    String repository = tagged ? image.substring(0, colon) : image;
    Query query = Query.of("images", repository, "push");
    boolean quiet = arguments.on("quiet");
    if (!all) {
      query.with("tag", tagged ? image.substring(colon + 1) : "latest");
      if (!tagged && !quiet) {
        session.out().println("Using default tag: latest");
        session.out().flush();
      }
    }
    arguments
        .value("platform")
        .ifPresent(each -> query.with("platform", Platforms.json(each).toString()));
    Request request =
        Request.of("POST", query.toString()).with("X-Registry-Auth", Pulling.auth(session, image));
    PrintStream out = quiet ? new PrintStream(new ByteArrayOutputStream()) : session.out();
    boolean terminal = session.terminal().writes() && !quiet;
    int columns = terminal ? session.terminal().size().columns() : 0;
    try (Response response = session.api().call(request)) {
      new Progress(out, terminal, columns).show(response.body(), aux -> {});
    }
    if (quiet) {
      session.out().println(all ? repository : Pulling.tagged(image));
    }
    return 0;
  }
}
