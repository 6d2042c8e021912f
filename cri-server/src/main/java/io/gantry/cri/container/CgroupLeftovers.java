package io.gantry.cri.container;

import java.io.IOException;

/**
 * Clears what a lost shim has left through the container's cgroup: every process of the container
 * is in it. Its mounts need nothing: they were made in a mount namespace that goes with the last
 * process in it.
 */
public final class CgroupLeftovers implements Leftovers {
  private final CgroupUpkeep cgroups;

  public CgroupLeftovers(CgroupUpkeep cgroups) {
    this.cgroups = cgroups;
  }

  @Override
  public void clear(String containerId) throws IOException {
    cgroups.remove(containerId);
  }
}
