package io.gantry.docker.cli.container;

import io.gantry.docker.cli.api.ApiFailure;
import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.CommandFailure;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.image.Pulling;
import io.gantry.docker.cli.json.Json;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.BadUsage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Creates containers, and gets their images where they are missing. */
record Creation(Session session, Arguments arguments) {
  private static final int NOT_FOUND = 404;

  /** Returns the new container's ID; warnings go to standard error. */
  String create(CreateRequest request)
      throws IOException, InterruptedException, BadUsage, CommandFailure {
    String policy = arguments.value("pull", "missing");
    if (!java.util.List.of("always", "missing", "never").contains(policy)) {
      throw BadUsage.flag(
          "invalid pull option: '"
              + policy
              + "': must be one of \"always\", \"missing\" or \"never\"");
    }
    Path cidFile = arguments.value("cidfile").map(session.environment()::file).orElse(null);
    if (cidFile != null && Files.exists(cidFile)) {
      throw new CommandFailure(
          "container ID file found, make sure the other container isn't running or delete "
              + cidFile,
          125);
    }
    Json body = request.build();
    Query query = Query.of("containers", "create");
    arguments.value("name").ifPresent(name -> query.with("name", name));
    arguments.value("platform").ifPresent(platform -> query.with("platform", platform));
    if (policy.equals("always")) {
      pull(request.image());
    }
    Json made;
    try {
      made = session.api().post(query, body);
    } catch (ApiFailure e) {
      boolean missing = e.status() == NOT_FOUND && e.words().contains("No such image");
      if (!missing || !policy.equals("missing")) {
        throw e;
      }
      session
          .err()
          .println("Unable to find image '" + Pulling.tagged(request.image()) + "' locally");
      session.err().flush();
      pull(request.image());
      made = session.api().post(query, body);
    }
    for (String warning : made.get("Warnings").texts()) {
      session.err().println("WARNING: " + warning);
    }
    session.err().flush();
    String id = made.get("Id").text();
    if (cidFile != null) {
      Files.writeString(cidFile, id);
    }
    return id;
  }

  private void pull(String image) throws IOException, CommandFailure {
    try {
      new Pulling(session, session.err(), session.terminal().writesErrors())
          .pull(image, arguments.value("platform"), arguments.on("quiet"));
    } catch (CommandFailure e) {
      throw new CommandFailure("gantry: " + e.getMessage(), 125);
    }
  }
}
