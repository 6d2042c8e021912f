package io.gantry.tests.tools;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** A program that a test talks with while it runs. Closing kills it, if it has not ended. */
public final class Interactive implements AutoCloseable {
  private static final Duration SOON = Duration.ofSeconds(30);

  private final Process process;
  private final StringBuffer output = new StringBuffer();
  private final Thread reader;

  private Interactive(List<String> words) {
    try {
      process = new ProcessBuilder(words).redirectErrorStream(true).start();
    } catch (IOException e) {
      throw new UncheckedIOException("run " + String.join(" ", words), e);
    }
    reader = new Thread(this::read, "read " + words.get(0));
    reader.setDaemon(true);
    reader.start();
  }

  /** Runs a program with pipes. */
  public static Interactive start(Command command) {
    return new Interactive(command.words());
  }

  /**
   * Runs a program in a terminal of 33 lines and 99 columns.
   *
   * @param name a file, written here, to hold the terminal's name
   */
  public static Interactive inTerminal(Command command, Path name) {
    String words =
        command.words().stream()
            .map(word -> "'" + word.replace("'", "'\\''") + "'")
            .collect(Collectors.joining(" "));
    String script = "stty rows 33 cols 99; tty > " + name + "; exec " + words;
    return new Interactive(List.of("script", "-q", "-f", "-e", "-c", script, "/dev/null"));
  }

  /** Gives the terminal that {@code name} holds another size. */
  public static void resizeTerminal(Path name, int rows, int columns) throws IOException {
    String terminal = Files.readString(name).strip();
    Command.of("stty", "-F", terminal, "rows", "" + rows, "cols", "" + columns).run().orFail();
  }

  private void read() {
    byte[] buffer = new byte[8192];
    try (InputStream in = process.getInputStream()) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        output.append(new String(buffer, 0, count, StandardCharsets.UTF_8));
      }
    } catch (IOException e) {
      output.append(e);
    }
  }

  public void type(String text) {
    try {
      process.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new AssertionError("it takes no input any more: " + output, e);
    }
  }

  /** The end of its standard input. */
  public void endInput() throws IOException {
    process.getOutputStream().close();
  }

  /** Waits until it has written this, among other things, and returns all that it has written. */
  public String await(String text) {
    return Eventually.get("output", SOON, output::toString, all -> all.contains(text));
  }

  /** Waits until it ends, and returns all that it has written. */
  public String awaitEnd() throws InterruptedException {
    if (!process.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("it did not end: " + output);
    }
    reader.join();
    return output.toString();
  }

  /** After its end. */
  public int exitCode() {
    return process.exitValue();
  }

  /** Ends it with SIGKILL, so that it can tell nobody. */
  public void kill() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }

  @Override
  public void close() {
    kill();
  }
}
