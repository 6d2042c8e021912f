package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.DeviceNumber;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.FileStatus;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.oci.OciDevice;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * The contents of a container's /dev, see "Default Devices" and "Dev symbolic links" in
 * config-linux.md.
 */
final class DeviceNodes {
  private static final List<OciDevice> DEFAULTS =
      List.of(
          device("/dev/null", 1, 3),
          device("/dev/zero", 1, 5),
          device("/dev/full", 1, 7),
          device("/dev/random", 1, 8),
          device("/dev/urandom", 1, 9),
          device("/dev/tty", 5, 0));

  private static final String[][] LINKS = {
    {"fd", "/proc/self/fd"},
    {"stdin", "/proc/self/fd/0"},
    {"stdout", "/proc/self/fd/1"},
    {"stderr", "/proc/self/fd/2"},
    {"ptmx", "pts/ptmx"},
  };

  private final Files files;
  private final RootDirectory root;
  private final MountTrees trees;
  private final Optional<UserMapping> users;

  DeviceNodes(Files files, RootDirectory root, MountTrees trees, Optional<UserMapping> users) {
    this.files = files;
    this.root = root;
    this.trees = trees;
    this.users = users;
  }

  private static OciDevice device(String path, int major, int minor) {
    return new OciDevice(path, 'c', major, minor, OptionalInt.of(0666), 0, 0);
  }

  void make(List<OciDevice> devices) throws IOException {
    for (OciDevice device : DEFAULTS) {
      make(device);
    }
    for (OciDevice device : devices) {
      make(device);
    }
    try (Fd dev = root.makeDirectories("/dev", 0755)) {
      for (String[] link : LINKS) {
        link(dev, link[0], link[1]);
      }
    }
  }

  private void link(Fd dev, String name, String target) throws LinuxException {
    try {
      files.symlinkat(target, dev, name);
    } catch (LinuxException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
    }
  }

  private void make(OciDevice device) throws IOException {
    String name = RootDirectory.name(device.path());
    try (Fd parent = root.makeDirectories(RootDirectory.parent(device.path()), 0755)) {
      int kind = kind(device);
      DeviceNumber number = new DeviceNumber((int) device.major(), (int) device.minor());
      if (isThere(parent, name, kind, number)) {
        return;
      }
      try {
        files.mknodat(parent, name, kind | 0600, number);
      } catch (LinuxException e) {
        if (e.errno() != Errno.EPERM) {
          throw e;
        }
        bind(device, parent, name); // Without CAP_MKNOD in the host's user namespace.
        return;
      }
      // The node is the container's own, so that its users are meant; what it opens is up to the
      // cgroup.
      int uid = users.isPresent() ? users.get().hostUid(device.uid()) : (int) device.uid();
      int gid = users.isPresent() ? users.get().hostGid(device.gid()) : (int) device.gid();
      files.fchownat(parent, name, uid, gid, FileFlags.AT_SYMLINK_NOFOLLOW);
      // After the owner, whose change takes setuid bits away, and past the umask.
      files.fchmodat(parent, name, device.fileMode().orElse(0666) & 07777);
    } catch (LinuxException | IllegalArgumentException e) {
      throw new IOException("make device " + device.path() + ": " + e.getMessage(), e);
    }
  }

  private static int kind(OciDevice device) {
    switch (device.type()) {
      case 'b':
        return FileFlags.S_IFBLK;
      case 'p':
        return FileFlags.S_IFIFO;
      default:
        return FileFlags.S_IFCHR;
    }
  }

  /** Whether the very node is there already; anything else an image put in its place is removed. */
  private boolean isThere(Fd parent, String name, int kind, DeviceNumber number)
      throws LinuxException {
    FileStatus status;
    try {
      status = files.stat(parent, name, FileFlags.AT_SYMLINK_NOFOLLOW);
    } catch (LinuxException e) {
      if (e.errno() == Errno.ENOENT) {
        return false;
      }
      throw e;
    }
    if ((status.mode() & FileFlags.S_IFMT) == kind && status.special().equals(number)) {
      return true;
    }
    if (status.mountRoot()) {
      return true; // The configuration mounted something there on purpose.
    }
    files.unlinkat(parent, name, status.isDirectory() ? FileFlags.AT_REMOVEDIR : 0);
    return false;
  }

  private void bind(OciDevice device, Fd parent, String name) throws LinuxException {
    int flags = FileFlags.O_CREAT | FileFlags.O_NOFOLLOW;
    files.open(parent, name, flags, 0600).close();
    try (Fd tree = trees.copy(Fd.CWD, device.path(), false);
        Fd target = files.open(parent, name, FileFlags.O_PATH | FileFlags.O_NOFOLLOW, 0)) {
      trees.attach(tree, target);
    }
  }
}
