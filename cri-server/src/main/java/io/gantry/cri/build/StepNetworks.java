package io.gantry.cri.build;

import java.io.IOException;
import java.util.List;

/** The networks with names, as builds use them. */
public interface StepNetworks {
  /** What a step may say instead of a network's name. */
  List<String> MODES = List.of("default", "none", "host");

  /**
   * Refuses a network that is not there, before the first step.
   *
   * @throws io.gantry.cri.grpc.CriException NOT_FOUND
   */
  void check(String network) throws IOException;

  /**
   * Connects a step's pod; the pod's end disconnects it.
   *
   * @return the address of the server for names, as seen in the pod
   * @throws io.gantry.cri.grpc.CriException NOT_FOUND if there is no such network
   */
  String connect(String network, String podId) throws IOException, InterruptedException;

  /** Whether this names a network, and not a way to do without one of them. */
  static boolean isName(String network) {
    return !MODES.contains(network);
  }
}
