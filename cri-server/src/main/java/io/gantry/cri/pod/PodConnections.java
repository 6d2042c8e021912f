package io.gantry.cri.pod;

import java.io.IOException;
import java.util.List;

/** The networks that pods are connected to beside the node's, as far as pods' ends concern them. */
public interface PodConnections {
  /** For pods that have no others. */
  PodConnections NONE =
      new PodConnections() {
        @Override
        public void endAll(String podId) {}

        @Override
        public List<String> addresses(String podId) {
          return List.of();
        }
      };

  /**
   * Disconnects a pod from all of them; does nothing where it is in none. Called while the pod is
   * held exclusively, and its namespaces are still there unless a reboot took them.
   *
   * @throws IOException if something is left; stopping the pod fails and is tried again
   */
  void endAll(String podId) throws IOException, InterruptedException;

  /** The pod's addresses in them, the first interface's first. */
  List<String> addresses(String podId);
}
