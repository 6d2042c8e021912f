package io.gantry.tests.bench;

import io.gantry.tests.cri.CriClient;
import io.gantry.tests.node.Leftovers;
import io.gantry.tests.node.NodeDirectory;
import io.gantry.tests.node.RuntimeUnderTest;

/**
 * One of the runtimes that are compared.
 *
 * @param name as the table shows it
 */
record Contender(String name, NodeDirectory directory, RuntimeUnderTest runtime, CriClient cri)
    implements AutoCloseable {

  /** Starts a runtime and connects to it. */
  static Contender start(String name, NodeDirectory directory, RuntimeUnderTest runtime) {
    runtime.start();
    return new Contender(name, directory, runtime, CriClient.connect(runtime.socket()));
  }

  @Override
  public void close() {
    cri.close();
    runtime.stop();
    Leftovers leftovers = Leftovers.of(directory);
    if (leftovers.none()) {
      directory.removeNetwork();
      directory.delete();
    } else {
      System.err.println(name + " left behind:\n" + leftovers);
    }
  }
}
