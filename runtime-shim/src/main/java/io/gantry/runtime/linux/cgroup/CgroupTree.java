package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.MountInfo;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds out which cgroup interface this machine has by what is mounted. */
public final class CgroupTree {
  private CgroupTree() {}

  /**
   * The machine's cgroups. Controllers on v1 make it v1 even if an empty v2 tree is there too
   * (systemd's hybrid layout), because a controller is in one of the two only.
   *
   * @throws IOException if no cgroup filesystem is mounted
   */
  public static Cgroups open(Linux linux) throws IOException {
    return open(linux, linux.mounts().mountInfo());
  }

  static Cgroups open(Linux linux, List<MountInfo> mounts) throws IOException {
    List<V1Hierarchy> hierarchies = new ArrayList<>();
    String unified = null;
    boolean controllers = false;
    for (MountInfo mount : mounts) {
      if (mount.type().equals("cgroup2") && unified == null) {
        unified = mount.target();
      } else if (mount.type().equals("cgroup")) {
        V1Hierarchy hierarchy = V1Hierarchy.of(linux.files(), mount);
        if (!contains(hierarchies, hierarchy.name())) {
          hierarchies.add(hierarchy);
          controllers |= !hierarchy.controllers().isEmpty();
        }
      }
    }
    if (controllers) {
      Optional<ControlDirectory> companion =
          unified == null
              ? Optional.empty()
              : Optional.of(new ControlDirectory(linux.files(), unified));
      return new V1Cgroups(linux, hierarchies, companion);
    }
    if (unified == null) {
      throw new IOException("no cgroup filesystem is mounted");
    }
    return new V2Cgroups(linux, new ControlDirectory(linux.files(), unified));
  }

  private static boolean contains(List<V1Hierarchy> hierarchies, String name) {
    for (V1Hierarchy hierarchy : hierarchies) {
      if (hierarchy.name().equals(name)) {
        return true;
      }
    }
    return false;
  }
}
