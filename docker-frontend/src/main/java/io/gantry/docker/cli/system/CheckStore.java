package io.gantry.docker.cli.system;

import io.gantry.docker.cli.command.Command;
import io.gantry.docker.cli.command.Session;
import io.gantry.docker.cli.option.Arguments;
import io.gantry.docker.cli.option.Syntax;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks the images. The launcher bin/gantry starts the program for it without coming here; what is
 * here is for help.
 */
public final class CheckStore implements Command {
  @Override
  public Syntax syntax() {
    return Syntax.of(
        "[OPTIONS]",
        "Verify every blob, layer and record of the images on this machine",
        0,
        0,
        """
            --config string   The daemon's configuration, used when no daemon runs
            --repair          Set damaged ones aside, and fetch them or make them again
            --socket string   The daemon's CRI socket (default: /run/gantry/gantry.sock)
        """);
  }

  @Override
  public int run(Session session, Arguments arguments) throws IOException, InterruptedException {
    List<String> line = new ArrayList<>();
    line.add(session.environment().home().resolve("bin").resolve("gantry").toString());
    line.addAll(List.of("system", "fsck"));
    if (arguments.on("repair")) {
      line.add("--repair");
    }
    for (String flag : List.of("config", "socket")) {
      arguments.value(flag).ifPresent(value -> line.addAll(List.of("--" + flag, value)));
    }
    return new ProcessBuilder(line).inheritIO().start().waitFor();
  }
}
