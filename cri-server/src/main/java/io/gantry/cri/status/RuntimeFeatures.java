package io.gantry.cri.status;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * What an OCI runtime says that it can do, by its command {@code features} (the runtime
 * specification's features.md). runc has it from version 1.1, crun from 1.8.6.
 *
 * @param recursiveReadOnly whether it knows the mount option {@code rro}
 */
record RuntimeFeatures(boolean recursiveReadOnly) {
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final long MAX_BYTES = 1 << 20;

  /**
   * Asks a runtime.
   *
   * @param program a path, or a name to look for in PATH
   * @return empty if it does not tell, as older ones
   * @throws IOException if it cannot be run at all
   */
  static Optional<RuntimeFeatures> ask(String program, Duration patience)
      throws IOException, InterruptedException {
    // A file rather than a pipe: what the program leaves behind could hold a pipe open.
    Path printed = Files.createTempFile("gantry-features-", ".json");
    try {
      Process process =
          new ProcessBuilder(program, "features")
              .redirectInput(new File("/dev/null"))
              .redirectOutput(printed.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        boolean ended = process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS);
        return ended && process.exitValue() == 0 && Files.size(printed) <= MAX_BYTES
            ? read(printed)
            : Optional.empty();
      } finally {
        process.destroyForcibly();
      }
    } finally {
      Files.deleteIfExists(printed);
    }
  }

  private static Optional<RuntimeFeatures> read(Path printed) {
    try {
      JsonNode root = new ObjectMapper().readTree(printed.toFile());
      for (JsonNode option : root.path("mountOptions")) {
        if (option.asText().equals("rro")) {
          return Optional.of(new RuntimeFeatures(true));
        }
      }
      return root.isObject() ? Optional.of(new RuntimeFeatures(false)) : Optional.empty();
    } catch (IOException notJson) {
      return Optional.empty();
    }
  }
}
