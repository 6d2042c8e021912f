package io.gantry.docker.engine.container;

import io.gantry.docker.engine.event.Events;
import io.gantry.docker.engine.record.DockerContainer;
import java.util.LinkedHashMap;
import java.util.Map;

/** Tells what happens to containers. */
public final class ContainerEvents {
  private final Events events;

  public ContainerEvents(Events events) {
    this.events = events;
  }

  public void tell(DockerContainer container, String action) {
    tell(container, action, Map.of());
  }

  public void tell(DockerContainer container, String action, Map<String, String> more) {
    Map<String, String> attributes = new LinkedHashMap<>(container.labels());
    attributes.put("image", container.image());
    attributes.put("name", container.name());
    attributes.putAll(more);
    events.tell("container", action, container.id(), attributes);
  }
}
