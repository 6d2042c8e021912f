package io.gantry.cri.container;

import io.gantry.cri.cgroup.CgroupDriver;
import io.gantry.runtime.linux.cgroup.Cgroup;
import io.gantry.runtime.linux.cgroup.Cgroups;
import io.gantry.runtime.oci.OciSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;

/**
 * Which cgroup each container has, by its specification. Reading it there needs no shim, so that no
 * shim can hold up who reads. What a lost shim has left is cleared through it: every process of the
 * container is in it. Thread-safe.
 */
public final class ContainerCgroups implements CgroupUpkeep {
  /** What the kubelet gives by default, see terminationGracePeriodSeconds. */
  private static final Duration SHUTDOWN_PATIENCE = Duration.ofSeconds(30);

  private final Cgroups cgroups;
  private final CgroupDriver driver;
  private final Predicate<String> ownShim;
  private final Bundles bundles;
  private final Map<String, Cgroup> known = new ConcurrentHashMap<>();

  /**
   * @param ownShim whether a runtime handler has gantry's own shim; others make cgroups themselves
   */
  public ContainerCgroups(
      Cgroups cgroups, CgroupDriver driver, Predicate<String> ownShim, Bundles bundles) {
    this.cgroups = cgroups;
    this.driver = driver;
    this.ownShim = ownShim;
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

  @Override
  public void make(ContainerRecord container, OciSpec spec) throws IOException {
    Optional<String> path = spec.linux().cgroupsPath();
    if (path.isPresent() && driver.isSystemd() && ownShim.test(container.runtimeHandler())) {
      String words =
          "Container %s of pod %s"
              .formatted(container.config().getMetadata().getName(), container.podId());
      driver.make(path.get(), new CgroupDriver.Member(words, SHUTDOWN_PATIENCE));
    }
  }

  @Override
  public void limitsChanged(String containerId) throws IOException {
    Optional<Cgroup> cgroup = of(containerId);
    if (cgroup.isPresent()) {
      driver.limitsChanged(cgroup.get().path());
    }
  }

  @Override
  public void remove(String containerId) throws IOException {
    Optional<Cgroup> cgroup = of(containerId);
    if (cgroup.isPresent()) {
      driver.remove(cgroup.get().path());
    }
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
