package io.gantry.cri.container;

import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.oci.OciSpec;
import java.io.IOException;
import java.util.Optional;

/**
 * Clears what a lost shim has left through the container's cgroup: every process of the container
 * is in it. Its mounts need nothing: they were made in a mount namespace that goes with the last
 * process in it.
 */
public final class CgroupLeftovers implements Leftovers {
  private final Cgroups cgroups;
  private final Bundles bundles;

  public CgroupLeftovers(Cgroups cgroups, Bundles bundles) {
    this.cgroups = cgroups;
    this.bundles = bundles;
  }

  @Override
  public void clear(String containerId) throws IOException {
    Optional<String> path =
        bundles.spec(containerId).map(OciSpec::linux).flatMap(linux -> linux.cgroupsPath());
    if (path.isEmpty()) {
      return;
    }
    Cgroup cgroup = cgroups.at(path.get());
    if (cgroup.exists()) {
      cgroup.killAll();
    }
    cgroup.remove();
  }
}
