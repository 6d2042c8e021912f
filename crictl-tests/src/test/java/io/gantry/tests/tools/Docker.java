package io.gantry.tests.tools;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * The docker command, or gantry's of the same make, pointed at one engine. As an extension of a
 * test class, it removes after each test what it was told to make.
 */
public final class Docker implements AfterEachCallback {
  private final String program;
  private final Path socket;

  private Docker(String program, Path socket) {
    this.program = program;
    this.socket = socket;
  }

  /** The machine's docker command. */
  public static Docker theirs(Path socket) {
    return new Docker("docker", socket);
  }

  /** The command gantry. */
  public static Docker ours(Path socket) {
    return new Docker(Checkout.distribution().resolve("bin/gantry").toString(), socket);
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

  /** Runs it; it must end with that exit code, and say these words of the reason. */
  public void refuses(int exitCode, String words, String... arguments) {
    Command.Outcome outcome = run(arguments);
    assertEquals(exitCode, outcome.exitCode(), outcome::toString);
    assertTrue(outcome.stderr().contains(words), outcome::toString);
  }

  /** The same with something on its standard input. */
  public Command.Outcome reading(String input, String... arguments) {
    return command(arguments)
        .reading(input.getBytes(java.nio.charset.StandardCharsets.UTF_8))
        .run();
  }

  public Command command(String... arguments) {
    return command(environment(), List.of(arguments));
  }

  /**
   * A build of what is in a directory, by the classic builder: that is the one that is the
   * engine's.
   *
   * @param arguments what stands before the directory
   */
  public Command build(Path context, String... arguments) {
    List<String> words = new ArrayList<>(List.of("build"));
    words.addAll(List.of(arguments));
    words.add(".");
    Map<String, String> environment = new HashMap<>(environment());
    environment.put("DOCKER_BUILDKIT", "0");
    return command(environment, words).in(context).within(Duration.ofMinutes(3));
  }

  private Map<String, String> environment() {
    return Map.of("DOCKER_HOST", "unix://" + socket, "DOCKER_CONFIG", socket.getParent() + "/none");
  }

  private Command command(Map<String, String> environment, List<String> arguments) {
    List<String> words = new ArrayList<>(List.of(program));
    words.addAll(arguments);
    return Command.of(words).within(Duration.ofSeconds(90)).with(environment);
  }

  @Override
  public void afterEach(ExtensionContext context) {
    removeAll();
  }

  /** Removes all containers, and then the volumes and networks that were made for them. */
  public void removeAll() {
    List<String> ids = out("ps", "-aq").lines().toList();
    if (!ids.isEmpty()) {
      List<String> words = new ArrayList<>(List.of("rm", "-f", "-v"));
      words.addAll(ids);
      run(words.toArray(String[]::new)).orFail();
    }
    run("volume", "prune", "-f", "-a").orFail();
    run("network", "prune", "-f").orFail();
  }

  /** For programs that make processes themselves: `env` sets what {@link Command} would. */
  public Command standalone(String... arguments) {
    List<String> words = new ArrayList<>(List.of("env", "DOCKER_HOST=unix://" + socket, program));
    words.addAll(List.of(arguments));
    return Command.of(words);
  }
}
