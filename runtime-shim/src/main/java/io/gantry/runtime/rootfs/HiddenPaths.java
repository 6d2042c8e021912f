package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.DeviceNumber;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.FileStatus;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import java.io.IOException;
import java.util.List;

/** Masked and read-only paths outside of /proc; those that are not there need nothing. */
final class HiddenPaths {
  private static final DeviceNumber NULL = new DeviceNumber(1, 3);

  private final Linux linux;
  private final RootDirectory root;
  private final MountTrees trees;

  HiddenPaths(Linux linux, RootDirectory root, MountTrees trees) {
    this.linux = linux;
    this.root = root;
    this.trees = trees;
  }

  void mask(String path) throws IOException {
    try (Fd target = find(path)) {
      if (target != null) {
        boolean directory = linux.files().stat(target).isDirectory();
        try (Fd cover = directory ? emptyDirectory() : hostNull()) {
          trees.attach(cover, target);
        }
      }
    } catch (LinuxException e) {
      throw new IOException("mask " + path + ": " + e.getMessage(), e);
    }
  }

  void protect(String path) throws IOException {
    try (Fd target = find(path)) {
      if (target != null) {
        try (Fd copy = trees.copy(target, "", true)) {
          trees.attach(copy, target);
          trees.change(copy, MountFlags.MOUNT_ATTR_RDONLY, 0, false);
        }
      }
    } catch (LinuxException e) {
      throw new IOException("make " + path + " read-only: " + e.getMessage(), e);
    }
  }

  private Fd find(String path) throws LinuxException {
    try {
      return root.open(path);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.ENOTDIR) {
        return null;
      }
      throw e;
    }
  }

  private Fd emptyDirectory() throws LinuxException {
    return trees.create(
        "tmpfs", "tmpfs", MountFlags.MOUNT_ATTR_RDONLY, List.of(), List.of("nr_inodes=1"));
  }

  /** The host's null device, never the container's, which could be a link (CVE-2025-31133). */
  private Fd hostNull() throws LinuxException {
    Fd copy = trees.copy(Fd.CWD, "/dev/null", false);
    FileStatus status = linux.files().stat(copy);
    boolean genuine =
        (status.mode() & FileFlags.S_IFMT) == FileFlags.S_IFCHR && status.special().equals(NULL);
    if (!genuine) {
      copy.close();
      throw new LinuxException("use /dev/null of the host, which is not that device", Errno.ENODEV);
    }
    return copy;
  }
}
