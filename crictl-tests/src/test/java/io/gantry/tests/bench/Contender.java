package io.gantry.tests.bench;

import io.gantry.proto.cri.v1.ListPodSandboxRequest;
import io.gantry.proto.cri.v1.RemovePodSandboxRequest;
import io.gantry.proto.cri.v1.StopPodSandboxRequest;
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

  /** Stops and removes what a comparison that failed left running. */
  private void removePods() {
    cri.runtime()
        .listPodSandbox(ListPodSandboxRequest.getDefaultInstance())
        .getItemsList()
        .forEach(
            pod -> {
              cri.runtime()
                  .stopPodSandbox(
                      StopPodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
              cri.runtime()
                  .removePodSandbox(
                      RemovePodSandboxRequest.newBuilder().setPodSandboxId(pod.getId()).build());
            });
  }

  @Override
  public void close() {
    removePods();
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
