package io.gantry.tests.tools;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Path;
import java.time.Duration;

/** A CRIU that works on this machine. */
public final class CriuProgram {
  private static final Duration FIRST_DOWNLOAD = Duration.ofMinutes(10);

  private CriuProgram() {}

  /** Where it is; skips the test if there is none and none can be had. */
  public static Path orSkip() {
    Path finder = Checkout.root().resolve("crictl-tests/tools/fetch-criu");
    Command.Outcome found = Command.of(finder.toString()).within(FIRST_DOWNLOAD).run();
    assumeTrue(found.succeeded(), () -> "no criu works here: " + found.stderr().strip());
    return Path.of(found.stdout().strip());
  }
}
