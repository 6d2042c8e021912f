package io.gantry.cri.pod;

import io.gantry.proto.cri.v1.ContainerEventType;

/** Is told what happens to pods, in order for each pod. Must return soon and not throw. */
@FunctionalInterface
public interface PodEvents {
  /** For nobody. */
  PodEvents NONE = (type, pod) -> {};

  /**
   * @param pod as it stands after the event; as it stood before it was deleted
   */
  void happened(ContainerEventType type, Pod pod);
}
