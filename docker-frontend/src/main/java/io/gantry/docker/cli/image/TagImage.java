package io.gantry.docker.cli.image;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Names;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Gives an image another name. */
public final class TagImage implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "SOURCE_IMAGE[:TAG] TARGET_IMAGE[:TAG]", "Give an image another name", 2, 2, "");
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException {
    session
        .api()
        .post(
            Names.addTo(
                Query.of("images", arguments.word(0), "tag"), Pulling.tagged(arguments.word(1))));
    return 0;
  }
}
