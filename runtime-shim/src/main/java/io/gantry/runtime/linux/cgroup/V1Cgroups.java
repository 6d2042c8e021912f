package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Cgroups with one hierarchy per controller or set of controllers, see cgroups(7). */
final class V1Cgroups implements Cgroups {
  private final Linux linux;
  private final List<V1Hierarchy> hierarchies;
  private final Optional<ControlDirectory> unified;

  /**
   * @param unified the empty v2 tree of a hybrid, by which systemd tells whose processes are whose
   */
  V1Cgroups(Linux linux, List<V1Hierarchy> hierarchies, Optional<ControlDirectory> unified) {
    this.linux = linux;
    this.hierarchies = List.copyOf(hierarchies);
    this.unified = unified;
  }

  @Override
  public Version version() {
    return Version.V1;
  }

  @Override
  public Cgroup at(String path) {
    String normal = CgroupPath.normalize(path);
    Optional<ControlDirectory> companion =
        unified.isPresent() ? Optional.of(unified.get().below(normal)) : Optional.empty();
    return new V1Cgroup(linux, hierarchies, companion, normal);
  }

  @Override
  public Cgroup create(String path) throws IOException {
    String normal = CgroupPath.normalize(path);
    List<ControlDirectory> made = new ArrayList<>();
    try {
      for (V1Hierarchy hierarchy : hierarchies) {
        for (String step : CgroupPath.ancestry(normal)) {
          ControlDirectory directory = hierarchy.root().below(step);
          if (directory.make()) {
            made.add(directory);
            initialize(hierarchy, step);
          }
        }
        refuseOccupied(hierarchy.root().below(normal));
      }
    } catch (IOException e) {
      for (int i = made.size() - 1; i >= 0; i--) {
        removeQuietly(made.get(i), e);
      }
      throw e;
    }
    return at(normal);
  }

  @Override
  public Cgroup createKeeper(String path) throws IOException {
    return create(CgroupPath.normalize(path) + "/" + CgroupPath.KEEPER);
  }

  private static void refuseOccupied(ControlDirectory directory) throws IOException {
    List<Integer> pids = new ArrayList<>();
    directory.addPids(pids);
    if (!pids.isEmpty()) {
      throw new IOException("cgroup " + directory + " exists and holds processes " + pids);
    }
  }

  private static void initialize(V1Hierarchy hierarchy, String path) throws LinuxException {
    if (hierarchy.controllers().contains("cpuset")) {
      V1Cpuset.inherit(hierarchy.root(), path);
    }
    if (hierarchy.controllers().contains("memory")) {
      V1Memory.enableHierarchy(hierarchy.root().below(path));
    }
  }

  private static void removeQuietly(ControlDirectory directory, IOException cause) {
    try {
      directory.remove();
    } catch (LinuxException e) {
      cause.addSuppressed(e);
    }
  }
}
