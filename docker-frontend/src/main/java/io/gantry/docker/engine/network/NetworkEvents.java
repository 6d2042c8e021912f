package io.gantry.docker.engine.network;

import java.util.Map;

/** Told of what happens to networks. */
@FunctionalInterface
public interface NetworkEvents {
  /**
   * @param action create, connect, disconnect, destroy or prune
   * @param id of the network
   */
  void tell(String action, String id, Map<String, String> attributes);
}
