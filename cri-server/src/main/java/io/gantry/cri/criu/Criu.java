package io.gantry.cri.criu;

import io.gantry.cri.grpc.CriException;
import io.gantry.runtime.criu.CriuSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** CRIU as this machine has it. Thread-safe. */
public final class Criu {
  private static final Duration CHECK_LIMIT = Duration.ofSeconds(20);
  private static final int QUOTED_BYTES = 1000;

  private final Supplier<String> configured;

  /**
   * @param configured a path, or a name to be looked up
   */
  public Criu(Supplier<String> configured) {
    this.configured = configured;
  }

  /**
   * Where it is, once it has said that it works here.
   *
   * @throws CriException WRONG_STATE that names what is missing
   */
  public Path require() throws IOException, InterruptedException {
    String wanted = configured.get();
    Path program =
        find(wanted)
            .orElseThrow(
                () ->
                    CriException.wrongState(
                        "checkpoints need criu, and there is no program \"%s\" %s: install criu, or set checkpoint.criu"
                            .formatted(
                                wanted,
                                wanted.contains("/")
                                    ? "that can be run"
                                    : "in " + String.join(":", CriuSettings.SEARCH_PATH))));
    check(program);
    return program;
  }

  private static Optional<Path> find(String wanted) {
    if (wanted.contains("/")) {
      return Optional.of(Path.of(wanted)).filter(Criu::isProgram);
    }
    return CriuSettings.SEARCH_PATH.stream()
        .map(directory -> Path.of(directory, wanted))
        .filter(Criu::isProgram)
        .findFirst();
  }

  private static boolean isProgram(Path path) {
    return Files.isRegularFile(path) && Files.isExecutable(path);
  }

  private static void check(Path program) throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(program.toString(), "check").redirectErrorStream(true).start();
    try {
      process.getOutputStream().close();
      // It says less than a pipe holds.
      if (!process.waitFor(CHECK_LIMIT.toMillis(), TimeUnit.MILLISECONDS)) {
        throw CriException.wrongState(
            "`%s check` has not ended for %d s".formatted(program, CHECK_LIMIT.toSeconds()));
      }
      if (process.exitValue() != 0) {
        byte[] said = process.getInputStream().readNBytes(QUOTED_BYTES);
        throw CriException.wrongState(
            "criu does not work on this machine: `%s check` says: %s"
                .formatted(program, new String(said, StandardCharsets.UTF_8).strip()));
      }
    } finally {
      process.destroyForcibly();
    }
  }
}
