package io.gantry.cri.container;

/** Tells why the kernel killed processes of a container for want of memory. */
@FunctionalInterface
public interface MemoryKills {
  /** For tests: knows nothing. */
  MemoryKills UNTOLD = container -> "";

  /**
   * Which process was killed, and which limit was met. Asked while the container's cgroup is there.
   *
   * @return a sentence for people; never fails
   */
  String words(ContainerRecord container);
}
