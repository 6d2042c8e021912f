package io.gantry.cri.container;

import java.io.IOException;

/** What stays in the kernel of a container whose shim is gone. */
@FunctionalInterface
public interface Leftovers {
  /**
   * Kills every process in the container's cgroup, waits until they are gone, and removes the
   * cgroup. Does nothing where nothing is left, nor without a bundle, whose specification names the
   * cgroup: it goes last.
   *
   * @throws IOException if something may still run
   */
  void clear(String containerId) throws IOException;
}
