package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.cgroup.Cgroup;
import java.util.List;

/**
 * The cgroup mount of a container: binds of the host's directories, which inside a cgroup namespace
 * look the same as new mounts and show no more than the container's own part outside of one.
 */
final class CgroupViews {
  private final Linux linux;
  private final MountTrees trees;

  CgroupViews(Linux linux, MountTrees trees) {
    this.linux = linux;
    this.trees = trees;
  }

  void mount(List<Cgroup.View> views, Fd target, MountOptions options) throws LinuxException {
    if (views.size() == 1 && views.get(0).name().isEmpty()) {
      bind(views.get(0).directory(), target, options.attributes());
      return;
    }
    // cgroup v1: a directory per hierarchy, as distributions lay them out.
    long attributes = options.attributes() & ~MountFlags.MOUNT_ATTR_RDONLY;
    try (Fd tmpfs =
        trees.create("tmpfs", "tmpfs", attributes, List.of(), List.of("mode=755", "size=64k"))) {
      trees.attach(tmpfs, target);
      for (Cgroup.View view : views) {
        linux.files().mkdirat(tmpfs, view.name(), 0755);
        try (Fd directory = linux.files().open(tmpfs, view.name(), FileFlags.O_PATH, 0)) {
          bind(view.directory(), directory, options.attributes());
        }
        linkControllers(tmpfs, view.name());
      }
      trees.change(tmpfs, options.attributes() & MountFlags.MOUNT_ATTR_RDONLY, 0, false);
    }
  }

  private void bind(String directory, Fd target, long attributes) throws LinuxException {
    try (Fd tree = trees.copy(Fd.CWD, directory, false)) {
      trees.attach(tree, target);
      trees.change(tree, attributes, 0, false);
    }
  }

  /** Programs look for cpu where cpu,cpuacct is mounted. */
  private void linkControllers(Fd tmpfs, String name) throws LinuxException {
    if (name.indexOf(',') < 0) {
      return;
    }
    for (String controller : name.split(",")) {
      try {
        linux.files().symlinkat(name, tmpfs, controller);
      } catch (LinuxException e) {
        if (e.errno() != Errno.EEXIST) {
          throw e;
        }
      }
    }
  }
}
