package io.gantry.tests.tools;

import java.nio.file.Path;
import java.time.Duration;

/** crictl and critest, built once from the Go module {@code sigs.k8s.io/cri-tools} and cached. */
public final class CriTools {

  private static final Duration FIRST_BUILD = Duration.ofMinutes(15);

  private final Path directory;

  private CriTools(Path directory) {
    this.directory = directory;
  }

  /**
   * Finds the tools in the cache or builds them; {@code -Dgantry.tests.cri-tools} names their
   * directory where nothing can be built.
   *
   * @throws AssertionError if they cannot be built, with the builder's words
   */
  public static CriTools ready() {
    String built = System.getProperty("gantry.tests.cri-tools");
    if (built != null) {
      return new CriTools(Path.of(built));
    }
    Path builder = Checkout.root().resolve("crictl-tests/tools/build-cri-tools");
    Command.Outcome outcome = Command.of(builder.toString()).within(FIRST_BUILD).run().orFail();
    return new CriTools(Path.of(outcome.stdout().strip()));
  }

  public Path crictl() {
    return directory.resolve("crictl");
  }

  public Path critest() {
    return directory.resolve("critest");
  }
}
