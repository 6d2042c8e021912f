package io.gantry.runtime.rootfs;

import static io.gantry.runtime.linux.MountFlags.MS_BIND;
import static io.gantry.runtime.linux.MountFlags.MS_RDONLY;
import static io.gantry.runtime.linux.MountFlags.MS_REC;
import static io.gantry.runtime.linux.MountFlags.MS_REMOUNT;

import io.gantry.runtime.launch.Argument;
import io.gantry.runtime.launch.LaunchPlanBuilder;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.Syscall;
import java.util.ArrayList;
import java.util.List;

/**
 * What happens to /proc. It shows the PID namespace of whoever mounts it, so the child does that,
 * and all that lies on top follows. The steps come before pivot_root: paths below the new /proc are
 * taken relative to the container's root, whose {@code proc} was found to be a directory and no
 * link, and absolute ones are the host's.
 */
final class ProcSteps implements AutoCloseable {
  private record Bind(Fd tree, String path) {}

  private final Files files;
  private final Fd target;
  private final MountOptions options;
  private final List<Bind> binds = new ArrayList<>();
  private final List<String> masked = new ArrayList<>();
  private final List<String> readonly = new ArrayList<>();

  /** Takes the target over. */
  ProcSteps(Files files, Fd target, MountOptions options) {
    this.files = files;
    this.target = target;
    this.options = options;
  }

  /** Takes the detached tree over, to be attached at a path below /proc. */
  void bind(Fd tree, String path) {
    binds.add(new Bind(tree, path));
  }

  void mask(String path) {
    masked.add(path);
  }

  void protect(String path) {
    readonly.add(path);
  }

  void addTo(LaunchPlanBuilder plan, Fd root) throws LinuxException {
    long flags = MountTrees.mountFlags(options.attributes());
    String data = options.data().isEmpty() ? null : String.join(",", options.data());
    plan.changeDirectory(target.number(), "/proc of the container");
    plan.mount("proc", ".", "proc", flags, data);
    plan.changeDirectory(root.number(), "the container's root");
    for (Bind bind : binds) {
      plan.step(
          "attach mount at " + bind.path(),
          Syscall.MOVE_MOUNT,
          Argument.of(bind.tree().number()),
          Argument.of(""),
          Argument.of(-100, "AT_FDCWD"),
          Argument.of(bind.path().substring(1)),
          Argument.of(MountFlags.MOVE_MOUNT_F_EMPTY_PATH, "MOVE_MOUNT_F_EMPTY_PATH"));
    }
    for (String path : readonly) {
      if (isThere(path)) {
        String inside = path.substring(1);
        plan.mount(inside, inside, null, MS_BIND | MS_REC, null).ignoring(Errno.ENOENT);
        plan.mount(null, inside, null, MS_BIND | MS_REMOUNT | MS_RDONLY | flags, null)
            .ignoring(Errno.ENOENT);
      }
    }
    for (String path : masked) {
      if (isThere(path)) {
        String inside = path.substring(1);
        if (files.stat(Fd.CWD, path, 0).isDirectory()) {
          plan.mount("tmpfs", inside, "tmpfs", MS_RDONLY, "nr_inodes=1");
        } else {
          plan.mount("/dev/null", inside, null, MS_BIND, null);
        }
        plan.ignoring(Errno.ENOENT, Errno.ENOTDIR);
      }
    }
  }

  /** The host's /proc has the same files as every other but those of processes. */
  private boolean isThere(String path) throws LinuxException {
    try {
      files.stat(Fd.CWD, path, 0);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void close() {
    target.close();
    for (Bind bind : binds) {
      bind.tree().close();
    }
  }
}
