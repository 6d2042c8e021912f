package io.gantry.cri.networks;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the machine's programs that know its packet filter. */
final class Programs {
  private static final int PATIENCE_SECONDS = 60;
  private static final int MAX_QUOTED_BYTES = 2000;

  /**
   * What came of a program.
   *
   * @param words what it said
   */
  record Outcome(List<String> command, int status, String words) {
    boolean succeeded() {
      return status == 0;
    }

    void orFail() throws IOException {
      if (!succeeded()) {
        throw new IOException(
            "`%s` exited %d: %s".formatted(String.join(" ", command), status, words.strip()));
      }
    }
  }

  /**
   * Runs one to its end.
   *
   * @throws IOException if it is not there, or does not end
   */
  Outcome run(String input, String... command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().retainAll(List.of("PATH"));
    Process process = builder.start();
    try {
      try (OutputStream stdin = process.getOutputStream()) {
        stdin.write(input.getBytes(StandardCharsets.US_ASCII));
      } catch (IOException e) {
        // It may fail before it has read everything; its own words say why.
      }
      String words =
          new String(process.getInputStream().readNBytes(MAX_QUOTED_BYTES), StandardCharsets.UTF_8);
      process.getInputStream().transferTo(OutputStream.nullOutputStream());
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        throw new IOException(
            "`%s` has not ended for %d s".formatted(String.join(" ", command), PATIENCE_SECONDS));
      }
      return new Outcome(List.of(command), process.exitValue(), words);
    } finally {
      process.destroyForcibly();
    }
  }
}
