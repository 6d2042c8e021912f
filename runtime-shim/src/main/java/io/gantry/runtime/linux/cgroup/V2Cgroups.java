package io.gantry.runtime.linux.cgroup;

import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Cgroups in one tree, see the kernel's cgroup-v2 document. */
final class V2Cgroups implements Cgroups {
  private final Linux linux;
  private final ControlDirectory root;

  V2Cgroups(Linux linux, ControlDirectory root) {
    this.linux = linux;
    this.root = root;
  }

  @Override
  public Version version() {
    return Version.V2;
  }

  @Override
  public Cgroup at(String path) {
    String normal = CgroupPath.normalize(path);
    return new V2Cgroup(linux, root, root.below(normal), normal);
  }

  @Override
  public Cgroup create(String path) throws IOException {
    String normal = CgroupPath.normalize(path);
    List<ControlDirectory> made = new ArrayList<>();
    try {
      ControlDirectory parent = root;
      for (String step : CgroupPath.ancestry(normal)) {
        enableControllers(parent);
        ControlDirectory directory = root.below(step);
        if (directory.make()) {
          made.add(directory);
        }
        parent = directory;
      }
      List<Integer> pids = new ArrayList<>();
      parent.addPids(pids);
      if (!pids.isEmpty()) {
        throw new IOException("cgroup " + parent + " exists and holds processes " + pids);
      }
    } catch (IOException e) {
      for (int i = made.size() - 1; i >= 0; i--) {
        try {
          made.get(i).remove();
        } catch (LinuxException removal) {
          e.addSuppressed(removal);
        }
      }
      throw e;
    }
    return at(normal);
  }

  /** No controller is enabled for it: that would forbid processes in the cgroup itself. */
  @Override
  public Cgroup createKeeper(String path) throws IOException {
    String keeper = CgroupPath.normalize(path) + "/" + CgroupPath.KEEPER;
    root.below(keeper).make();
    return at(keeper);
  }

  /**
   * Makes every controller available to the cgroups below. One by one, as a single one that cannot
   * be had (cpu with real-time processes about, or all where processes live in the parent) would
   * take the others with it; a limit that then lacks its file says so.
   */
  private static void enableControllers(ControlDirectory directory) throws LinuxException {
    String available = directory.readIfPresent("cgroup.controllers");
    if (available.isEmpty()) {
      return;
    }
    String enabled = " " + directory.readIfPresent("cgroup.subtree_control") + " ";
    for (String controller : available.split(" ")) {
      if (!enabled.contains(" " + controller + " ")) {
        try {
          directory.write("cgroup.subtree_control", "+" + controller);
        } catch (LinuxException e) {
          continue;
        }
      }
    }
  }
}
