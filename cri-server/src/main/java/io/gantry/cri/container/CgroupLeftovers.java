package io.gantry.cri.container;

import io.gantry.runtime.linux.cgroup.Cgroup;
import java.io.IOException;
import java.util.Optional;

/**
 * Clears what a lost shim has left through the container's cgroup: every process of the container
 * is in it. Its mounts need nothing: they were made in a mount namespace that goes with the last
 * process in it.
 */
public final class CgroupLeftovers implements Leftovers {
  private final ContainerCgroups cgroups;

  public CgroupLeftovers(ContainerCgroups cgroups) {
    this.cgroups = cgroups;
  }

  @Override
  public void clear(String containerId) throws IOException {
    Optional<Cgroup> cgroup = cgroups.of(containerId);
    if (cgroup.isEmpty()) {
      return;
    }
    if (cgroup.get().exists()) {
      cgroup.get().killAll();
    }
    cgroup.get().remove();
  }
}
