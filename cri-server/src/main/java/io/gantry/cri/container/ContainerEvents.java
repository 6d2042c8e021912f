package io.gantry.cri.container;

import io.gantry.proto.cri.v1.ContainerEventType;

/**
 * Is told what happens to containers, in order for each container. Must return soon and not throw.
 */
@FunctionalInterface
public interface ContainerEvents {
  /** For nobody. */
  ContainerEvents NONE = (type, container) -> {};

  /**
   * @param container as it stands after the event
   */
  void happened(ContainerEventType type, ContainerRecord container);
}
