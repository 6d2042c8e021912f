package io.gantry.docker.cli.settings;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * What surrounds the process.
 *
 * @param variables of the environment
 * @param directory the one that it works in
 * @param home of gantry: where bin and lib are
 */
public record Environment(Map<String, String> variables, Path directory, Path home) {
  /** A variable that is set to something. */
  public Optional<String> variable(String name) {
    String value = variables.get(name);
    return value == null || value.isEmpty() ? Optional.empty() : Optional.of(value);
  }

  /** A file as the user names it. */
  public Path file(String name) {
    return directory.resolve(name);
  }

  public Path userHome() {
    return Path.of(variable("HOME").orElse("/"));
  }
}
