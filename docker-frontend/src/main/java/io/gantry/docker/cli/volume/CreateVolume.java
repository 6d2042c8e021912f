package io.gantry.docker.cli.volume;

import io.gantry.docker.cli.api.Query;
import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.KeyValues;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.json.JsonObject;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;

/** Makes a volume. */
public final class CreateVolume implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS] [VOLUME]",
        "Create a volume",
        0,
        1,
        """
        -d, --driver string   Who keeps it (default "local")
            --label list      Label it: NAME=VALUE
        -o, --opt map         Option of the driver: NAME=VALUE
        !   --name string     Its name, in the way of older versions
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException {
    JsonObject body = new JsonObject();
    arguments
        .wordIfAny(0)
        .or(() -> arguments.value("name"))
        .ifPresent(name -> body.put("Name", name));
    body.put("Driver", arguments.value("driver", "local"));
    body.put("DriverOpts", KeyValues.of(arguments.values("opt")));
    body.put("Labels", KeyValues.of(arguments.values("label")));
    session
        .out()
        .println(
            session.api().post(Query.of("volumes", "create"), body.build()).get("Name").text());
    return 0;
  }
}
