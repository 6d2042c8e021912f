package io.gantry.docker.cli.image;

import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Gets an image from a registry. */
public final class PullImage implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] NAME[:TAG|@DIGEST]",
        "Get an image from a registry",
        1,
        1,
        """
        -a, --all-tags          Get all tags of the repository
            --platform string   Get the image for this platform: os/arch[/variant]
        -q, --quiet             Do not show how it comes along
        !   --disable-content-trust   Taken for compatibility
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, CommandFailure {
    String image = arguments.word(0);
    boolean quiet = arguments.on("quiet");
    Pulling pulling = new Pulling(session, session.out(), session.terminal().writes());
    if (arguments.on("all-tags")) {
      pulling.pullAll(image, arguments.value("platform"), quiet);
    } else {
      if (!Pulling.tagged(image).equals(image) && !quiet) {
        session.out().println("Using default tag: latest");
        session.out().flush();
      }
      pulling.pull(image, arguments.value("platform"), quiet);
    }
    session.out().println(canonical(Pulling.tagged(image)));
    return 0;
  }

  /** With the registry and the directory that are meant if none is named. */
  private static String canonical(String image) {
    int slash = image.indexOf('/');
    String first = slash < 0 ? "" : image.substring(0, slash);
    if (first.contains(".") || first.contains(":") || first.equals("localhost")) {
      return image;
    }
    return "docker.io/" + (slash < 0 ? "library/" : "") + image;
  }
}
