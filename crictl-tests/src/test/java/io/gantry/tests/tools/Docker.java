package io.gantry.tests.tools;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The docker command, pointed at one engine. */
public final class Docker {
  private final Path socket;

  public Docker(Path socket) {
    this.socket = socket;
  }

  /** Whether this machine has it. */
  public static boolean isInstalled() {
    return Command.of("sh", "-c", "command -v docker").run().succeeded();
  }

  /** Runs it to its end, whatever that is. */
  public Command.Outcome run(String... arguments) {
    return command(arguments).run();
  }

  /** Runs it; it must succeed. What it has written, without the line's end. */
  public String out(String... arguments) {
    return run(arguments).orFail().stdout().stripTrailing();
  }

  /** The same with something on its standard input. */
  public Command.Outcome reading(String input, String... arguments) {
    return command(arguments)
        .reading(input.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .run();
  }

  public Command command(String... arguments) {
    List<String> words = new ArrayList<>(List.of("docker"));
    words.addAll(List.of(arguments));
    return Command.of(words)
        .within(Duration.ofSeconds(90))
        .with(
            Map.of(
                "DOCKER_HOST", "unix://" + socket, "DOCKER_CONFIG", socket.getParent() + "/none"));
  }

  /** For programs that make processes themselves: `env` sets what {@link Command} would. */
  public Command standalone(String... arguments) {
    List<String> words = new ArrayList<>(List.of("env", "DOCKER_HOST=unix://" + socket, "docker"));
    words.addAll(List.of(arguments));
    return Command.of(words);
  }
}
