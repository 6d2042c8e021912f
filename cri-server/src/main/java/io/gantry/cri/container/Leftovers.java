package io.gantry.cri.container;

import java.io.IOException;
import java.nio.file.Path;

/** What stays in the kernel of a container whose shim is gone. */
@FunctionalInterface
public interface Leftovers {
  /**
   * Kills every process in the container's cgroup, waits until they are gone, and removes the
   * cgroup. Does nothing where nothing is left.
   *
   * @param bundle holds the specification that names the cgroup; where it is gone, nothing can be
   *     left
   * @throws IOException if something may still run
   */
  void clear(String containerId, Path bundle) throws IOException;
}
