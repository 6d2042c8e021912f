package io.gantry.cri.events;

import io.gantry.proto.cri.v1.ContainerEventResponse;
import java.util.Objects;

/**
 * Something that happened to a pod or container.
 *
 * @param number one more than that of the event before, across all pods, containers and restarts
 * @param message as clients get it
 */
record Event(long number, ContainerEventResponse message) {
  Event {
    Objects.requireNonNull(message);
  }
}
