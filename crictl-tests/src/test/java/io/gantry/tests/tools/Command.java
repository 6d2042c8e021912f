package io.gantry.tests.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * One run of a program to its end.
 *
 * <p>A program that outlives its deadline is killed and reported as a failure of the test, with
 * what it had written until then.
 */
public record Command(
    List<String> words,
    Map<String, String> environment,
    Optional<Path> directory,
    Duration deadline,
    byte[] stdin) {

  private static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(60);

  public Command {
    words = List.copyOf(words);
    environment = Map.copyOf(environment);
  }

  public static Command of(String... words) {
    return of(List.of(words));
  }

  public static Command of(List<String> words) {
    return new Command(words, Map.of(), Optional.empty(), DEFAULT_DEADLINE, new byte[0]);
  }

  public Command in(Path newDirectory) {
    return new Command(words, environment, Optional.of(newDirectory), deadline, stdin);
  }

  public Command with(Map<String, String> newEnvironment) {
    return new Command(words, newEnvironment, directory, deadline, stdin);
  }

  public Command within(Duration newDeadline) {
    return new Command(words, environment, directory, newDeadline, stdin);
  }

  public Command reading(byte[] newStdin) {
    return new Command(words, environment, directory, deadline, newStdin);
  }

  /** What a program wrote and how it ended. */
  public record Outcome(List<String> words, int exitCode, byte[] stdoutBytes, String stderr) {

    public String stdout() {
      return new String(stdoutBytes, StandardCharsets.UTF_8);
    }

    public boolean succeeded() {
      return exitCode == 0;
    }

    /**
     * Returns this outcome.
     *
     * @throws AssertionError if the program failed, with its words and everything it wrote
     */
    public Outcome orFail() {
      if (!succeeded()) {
        throw new AssertionError(this.toString());
      }
      return this;
    }

    @Override
    public String toString() {
      return "%s%nexit code %d%nstdout: %s%nstderr: %s"
          .formatted(String.join(" ", words), exitCode, stdout(), stderr);
    }
  }

  /**
   * Runs the program and waits for its end.
   *
   * @throws AssertionError if it does not end within the deadline
   * @throws UncheckedIOException if it cannot be started
   */
  public Outcome run() {
    ProcessBuilder builder = new ProcessBuilder(words);
    builder.environment().putAll(environment);
    directory.ifPresent(path -> builder.directory(path.toFile()));
    try {
      Process process = builder.start();
      CompletableFuture<byte[]> stdout = drain(process.getInputStream());
      CompletableFuture<byte[]> stderr = drain(process.getErrorStream());
      try (var input = process.getOutputStream()) {
        input.write(stdin);
      } catch (IOException closedByReader) {
        // The program may end, or close its input, without reading all of it.
      }
      boolean ended = process.waitFor(Patience.of(deadline).toMillis(), TimeUnit.MILLISECONDS);
      if (!ended) {
        process.destroyForcibly().waitFor();
      }
      // A child that left its own children behind with our pipe open must not hang the test.
      byte[] out = stdout.completeOnTimeout(new byte[0], 5, TimeUnit.SECONDS).join();
      String err =
          new String(
              stderr.completeOnTimeout(new byte[0], 5, TimeUnit.SECONDS).join(),
              StandardCharsets.UTF_8);
      Outcome outcome = new Outcome(words, process.exitValue(), out, err);
      if (!ended) {
        throw new AssertionError("did not end within " + Patience.of(deadline) + ": " + outcome);
      }
      return outcome;
    } catch (IOException e) {
      throw new UncheckedIOException("run " + String.join(" ", words), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while running " + words, e);
    }
  }

  private static CompletableFuture<byte[]> drain(InputStream stream) {
    CompletableFuture<byte[]> result = new CompletableFuture<>();
    Thread reader =
        new Thread(
            () -> {
              try (stream) {
                result.complete(stream.readAllBytes());
              } catch (IOException e) {
                result.complete(new byte[0]);
              }
            },
            "drain");
    reader.setDaemon(true);
    reader.start();
    return result;
  }
}
