package io.gantry.tests.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The crictl command, bound to one runtime's socket. */
public final class Crictl {

  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration DEADLINE = Duration.ofSeconds(90);

  private static final long CALL_SECONDS = 60;

  private final List<String> prefix;

  /**
   * @param program crictl itself
   * @param configuration a crictl.yaml that names the runtime's socket
   */
  public Crictl(Path program, Path configuration) {
    prefix = List.of(program.toString(), "--config", configuration.toString());
  }

  /** What crictl.yaml says for a runtime at this socket. */
  public static String configuration(Path socket) {
    return """
        runtime-endpoint: unix://%s
        image-endpoint: unix://%s
        timeout: %d
        debug: false
        """
        .formatted(socket, socket, Patience.seconds(CALL_SECONDS));
  }

  /** The command to run, for tests that need more than its outcome. */
  public Command command(String... arguments) {
    List<String> words = new ArrayList<>(prefix);
    words.addAll(List.of(arguments));
    return Command.of(words).within(DEADLINE);
  }

  /** Runs crictl whatever comes of it. */
  public Command.Outcome run(String... arguments) {
    return command(arguments).run();
  }

  /**
   * Runs crictl and returns what it printed, without surrounding white space.
   *
   * @throws AssertionError if it fails
   */
  public String out(String... arguments) {
    return run(arguments).orFail().stdout().strip();
  }

  /**
   * Runs crictl and reads what it printed as JSON.
   *
   * @throws AssertionError if it fails or prints something else
   */
  public JsonNode json(String... arguments) {
    String text = out(arguments);
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new AssertionError("crictl " + String.join(" ", arguments) + " printed " + text, e);
    }
  }

  /**
   * Runs crictl, which must fail, and returns its words.
   *
   * @throws AssertionError if it succeeds
   */
  public String refusal(String... arguments) {
    Command.Outcome outcome = run(arguments);
    if (outcome.succeeded()) {
      throw new AssertionError("should have failed: " + outcome);
    }
    return outcome.stderr();
  }

  /**
   * Runs crictl, which the runtime must refuse, and returns the runtime's own words, from {@code
   * code = } on. What crictl says around them is left out: it repeats its arguments, so that
   * looking for a name in all of it would find the question instead of the answer.
   *
   * @throws AssertionError if it succeeds, or if crictl refuses by itself
   */
  public String runtimeRefusal(String... arguments) {
    return runtimeWords(refusal(arguments));
  }

  /**
   * The runtime's part of what crictl wrote to its standard error.
   *
   * @throws AssertionError if there is none
   */
  public static String runtimeWords(String stderr) {
    int begin = stderr.lastIndexOf("code = ");
    if (begin < 0) {
      throw new AssertionError("not refused by the runtime: " + stderr);
    }
    return stderr.substring(begin);
  }
}
