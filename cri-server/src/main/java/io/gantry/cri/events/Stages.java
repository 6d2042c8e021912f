package io.gantry.cri.events;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.proto.cri.v1.ContainerEventResponse;
import io.gantry.proto.cri.v1.ContainerEventType;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * How far each pod and container has come, as told by events: what keeps an event from being told
 * twice, and lets a daemon find out which ones its predecessor did not get round to. Confined by
 * its owner.
 */
final class Stages {
  private final Map<String, Stage> stages = new TreeMap<>();

  /**
   * The last event of one pod or container.
   *
   * @param podId the pod it belongs to; a pod's own id for a pod
   */
  record Stage(ContainerEventType last, String podId) {}

  Optional<Stage> of(String id) {
    return Optional.ofNullable(stages.get(id));
  }

  Map<String, Stage> all() {
    return Map.copyOf(stages);
  }

  void add(ContainerEventResponse event) {
    String id = event.getContainerId();
    ContainerEventType type = event.getContainerEventType();
    if (type == ContainerEventType.CONTAINER_DELETED_EVENT) {
      stages.remove(id);
    } else {
      stages.put(id, new Stage(type, event.getPodSandboxStatus().getId()));
    }
  }

  ObjectNode toJson() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    stages.forEach(
        (id, stage) -> json.putObject(id).put("last", stage.last.name()).put("pod", stage.podId));
    return json;
  }

  /** What this build has no name for is left out: it is told anew. */
  static Stages ofJson(JsonNode json) {
    Stages stages = new Stages();
    for (Map.Entry<String, JsonNode> field : json.properties()) {
      String last = field.getValue().path("last").asText();
      for (ContainerEventType type : ContainerEventType.values()) {
        if (type.name().equals(last)) {
          String podId = field.getValue().path("pod").asText();
          stages.stages.put(field.getKey(), new Stage(type, podId));
        }
      }
    }
    return stages;
  }
}
