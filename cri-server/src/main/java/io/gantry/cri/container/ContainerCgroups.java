package io.gantry.cri.container;

import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.oci.OciSpec;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which cgroup each container has, by its specification. Reading it there needs no shim, so that no
 * shim can hold up who reads. Thread-safe.
 */
public final class ContainerCgroups {
  private final Cgroups cgroups;
  private final Bundles bundles;
  private final Map<String, Cgroup> known = new ConcurrentHashMap<>();

  public ContainerCgroups(Cgroups cgroups, Bundles bundles) {
    this.cgroups = cgroups;
    this.bundles = bundles;
  }

  /** The container's cgroup, which may be gone; empty if its specification is. */
  public Optional<Cgroup> of(String containerId) throws IOException {
    Cgroup before = known.get(containerId);
    if (before != null) {
      return Optional.of(before);
    }
    Optional<Cgroup> found =
        bundles
            .spec(containerId)
            .map(OciSpec::linux)
            .flatMap(linux -> linux.cgroupsPath())
            .map(cgroups::at);
    found.ifPresent(cgroup -> known.put(containerId, cgroup));
    return found;
  }

  /** A pod's cgroup, by its path. */
  public Cgroup at(String path) {
    return cgroups.at(path);
  }

  /** Forgets a container that is gone. */
  public void forget(String containerId) {
    known.remove(containerId);
  }
}
