package io.gantry.docker.engine.network;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.docker.engine.api.EngineException;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Containers, as far as networks concern them. */
public interface Members {
  /** A container as networks know it. */
  record Member(String id, String name) {
    /** As events have it. */
    Map<String, String> attributes() {
      return Map.of("container", id);
    }
  }

  /** Whose pod it is; empty for pods of others. */
  Optional<Member> ofPod(String podId);

  /**
   * Connects a container at once if it runs, and at each of its starts.
   *
   * @param container its name or id
   * @param network the network's name
   * @param settings as in the API's EndpointSettings
   */
  Member connect(String container, String network, ObjectNode settings)
      throws EngineException, IOException;

  /**
   * Takes back {@link #connect}.
   *
   * @param force whether a container that is not there is none to complain of
   */
  Member disconnect(String container, String network, boolean force)
      throws EngineException, IOException;
}
