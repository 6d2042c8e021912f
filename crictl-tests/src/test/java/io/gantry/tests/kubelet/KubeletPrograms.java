package io.gantry.tests.kubelet;

import io.gantry.tests.tools.Checkout;
import io.gantry.tests.tools.Command;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The kubelet and a client for its API, built once from the Go module {@code k8s.io/kubernetes} and
 * cached.
 */
record KubeletPrograms(Path directory) {

  private static final Duration FIRST_BUILD = Duration.ofMinutes(30);

  /**
   * Finds the programs in the cache or builds them; {@code -Dgantry.tests.kubelet} names their
   * directory where nothing can be built.
   *
   * @throws AssertionError if they cannot be built, with the builder's words
   */
  static KubeletPrograms ready() {
    String built = System.getProperty("gantry.tests.kubelet");
    if (built != null) {
      return new KubeletPrograms(Path.of(built));
    }
    Path builder = Checkout.root().resolve("crictl-tests/tools/build-kubelet");
    Command.Outcome outcome = Command.of(builder.toString()).within(FIRST_BUILD).run().orFail();
    return new KubeletPrograms(Path.of(outcome.stdout().strip()));
  }

  Path kubelet() {
    return directory.resolve("kubelet");
  }

  Path client() {
    return directory.resolve("kubelet-client");
  }
}
