package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.FileSystemStatus;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountAttributes;
import io.gantry.runtime.linux.MountFlags;
import java.util.List;

/**
 * Mounts as descriptors: made detached, attached to a descriptor of their target, and changed
 * through their own, so that no path is ever resolved twice.
 */
final class MountTrees {
  private static final long ALL_LOCKABLE =
      MountFlags.MS_RDONLY
          | MountFlags.MS_NOSUID
          | MountFlags.MS_NODEV
          | MountFlags.MS_NOEXEC
          | MountFlags.MS_NOATIME
          | MountFlags.MS_NODIRATIME;
  private static final long ST_RELATIME = 4096;

  private final Linux linux;

  MountTrees(Linux linux) {
    this.linux = linux;
  }

  /** A detached copy of what is mounted at a path. */
  Fd copy(Fd dir, String path, boolean recursive) throws LinuxException {
    int flags = MountFlags.OPEN_TREE_CLONE | (recursive ? FileFlags.AT_RECURSIVE : 0);
    return linux
        .mounts()
        .openTree(dir, path, flags | (path.isEmpty() ? FileFlags.AT_EMPTY_PATH : 0));
  }

  /** A detached mount of a new filesystem. */
  Fd create(String type, String source, long attributes, List<String> superblock, List<String> data)
      throws LinuxException {
    try (Fd context = linux.mounts().openFileSystem(type)) {
      if (source != null) {
        linux.mounts().configure(context, "source", source);
      }
      for (String flag : superblock) {
        linux.mounts().configure(context, flag);
      }
      for (String option : data) {
        int equals = option.indexOf('=');
        if (equals < 0) {
          linux.mounts().configure(context, option);
        } else {
          String value = option.substring(equals + 1);
          linux.mounts().configure(context, option.substring(0, equals), value);
        }
      }
      linux.mounts().createFileSystem(context);
      return linux.mounts().mountFileSystem(context, attributes);
    }
  }

  void attach(Fd tree, Fd target) throws LinuxException {
    int flags = MountFlags.MOVE_MOUNT_F_EMPTY_PATH | MountFlags.MOVE_MOUNT_T_EMPTY_PATH;
    linux.mounts().moveMount(tree, "", target, "", flags);
  }

  /**
   * Changes MOUNT_ATTR_ flags of an attached mount; others, such as those locked by the host, stay.
   */
  void change(Fd tree, long set, long clear, boolean recursive) throws LinuxException {
    if (set == 0 && clear == 0) {
      return;
    }
    int flags = FileFlags.AT_EMPTY_PATH | (recursive ? FileFlags.AT_RECURSIVE : 0);
    try {
      linux.mounts().setAttributes(tree, "", flags, new MountAttributes(set, clear, 0));
    } catch (LinuxException e) {
      // mount_setattr(2) came with kernel 5.12. Before it there is no way to reach a whole tree.
      if (e.errno() != Errno.ENOSYS || recursive) {
        throw e;
      }
      remount(tree, set);
    }
  }

  /**
   * Shows the files of a detached mount with the ids of a user namespace's mapping
   * (MOUNT_ATTR_IDMAP).
   */
  void map(Fd tree, Fd userNamespace, boolean recursive) throws LinuxException {
    int flags = FileFlags.AT_EMPTY_PATH | (recursive ? FileFlags.AT_RECURSIVE : 0);
    linux
        .mounts()
        .setAttributes(
            tree, "", flags, new MountAttributes(MountFlags.MOUNT_ATTR_IDMAP, 0, 0, userNamespace));
  }

  private void remount(Fd tree, long set) throws LinuxException {
    FileSystemStatus status = linux.files().fstatfs(tree);
    long flags = status.flags() & ALL_LOCKABLE;
    if ((status.flags() & ST_RELATIME) != 0) {
      flags |= MountFlags.MS_RELATIME;
    }
    flags |= mountFlags(set) | MountFlags.MS_BIND | MountFlags.MS_REMOUNT;
    linux.mounts().mount(null, path(tree), null, flags, null);
  }

  /** MS_ flags of mount(2) for MOUNT_ATTR_ flags. */
  static long mountFlags(long attributes) {
    // RDONLY, NOSUID, NODEV and NOEXEC are the same bits in both.
    long flags = attributes & 0xf;
    if ((attributes & MountFlags.MOUNT_ATTR_NODIRATIME) != 0) {
      flags |= MountFlags.MS_NODIRATIME;
    }
    if ((attributes & MountFlags.MOUNT_ATTR_NOSYMFOLLOW) != 0) {
      flags |= MountFlags.MS_NOSYMFOLLOW;
    }
    long time = attributes & MountFlags.MOUNT_ATTR_ATIME_MASK;
    if (time == MountFlags.MOUNT_ATTR_NOATIME) {
      flags |= MountFlags.MS_NOATIME;
    } else if (time == MountFlags.MOUNT_ATTR_STRICTATIME) {
      flags |= MountFlags.MS_STRICTATIME;
    }
    return flags;
  }

  /** Sets a propagation type, MS_SHARED and so on, of an attached mount. */
  void propagate(Fd tree, long flags) throws LinuxException {
    linux.mounts().mount(null, path(tree), null, flags, null);
  }

  /** A name for a descriptor in calls that take none; right as long as the host's /proc is seen. */
  static String path(Fd fd) {
    return "/proc/self/fd/" + fd.number();
  }
}
