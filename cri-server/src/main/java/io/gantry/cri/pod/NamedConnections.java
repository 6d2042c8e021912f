package io.gantry.cri.pod;

import java.io.IOException;

/**
 * A pod's connections to further networks. They come later, when asked for, and go with the pod.
 */
final class NamedConnections implements PodPart {
  private final PodConnections connections;

  NamedConnections(PodConnections connections) {
    this.connections = connections;
  }

  @Override
  public String name() {
    return "connections";
  }

  @Override
  public Pod make(Pod pod) {
    return pod;
  }

  @Override
  public void undo(Pod pod) throws IOException, InterruptedException {
    connections.endAll(pod.id());
  }
}
