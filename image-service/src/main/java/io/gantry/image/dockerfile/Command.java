package io.gantry.image.dockerfile;

import java.util.List;
import java.util.Objects;

/** What RUN, CMD, ENTRYPOINT and health checks run. */
public sealed interface Command {

  /** A line for the shell. */
  record Shell(String line) implements Command {
    public Shell {
      Objects.requireNonNull(line);
    }
  }

  /** A program and its arguments. */
  record Exec(List<String> arguments) implements Command {
    public Exec {
      arguments = List.copyOf(arguments);
    }
  }
}
