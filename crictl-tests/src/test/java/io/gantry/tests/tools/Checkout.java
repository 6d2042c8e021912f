package io.gantry.tests.tools;

import java.nio.file.Files;
import java.nio.file.Path;

/** Where this source tree is, whichever directory of it a test runs in. */
public final class Checkout {

  private Checkout() {}

  /**
   * The directory that holds all modules.
   *
   * @throws IllegalStateException if the working directory is outside the tree
   */
  public static Path root() {
    for (Path here = Path.of("").toAbsolutePath(); here != null; here = here.getParent()) {
      if (Files.isDirectory(here.resolve("crictl-tests"))
          && Files.exists(here.resolve("pom.xml"))) {
        return here;
      }
    }
    throw new IllegalStateException("not inside the source tree: " + Path.of("").toAbsolutePath());
  }

  /** The runnable distribution that {@code mvn package} leaves behind. */
  public static Path distribution() {
    String elsewhere = System.getProperty("gantry.distribution");
    return elsewhere == null ? root().resolve("target/gantry") : Path.of(elsewhere);
  }
}
