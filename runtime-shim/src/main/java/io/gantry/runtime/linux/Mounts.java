package io.gantry.runtime.linux;

import java.io.IOException;
import java.util.List;

/**
 * System calls on mounts, acting on the calling thread's mount namespace. Flags are those of {@link
 * MountFlags}; {@code null} stands for an absent source, type or data. Thread-safe.
 */
public interface Mounts {
  void mount(String source, String target, String type, long flags, String data)
      throws LinuxException;

  /** umount2(2). */
  void unmount(String target, int flags) throws LinuxException;

  /**
   * open_tree(2): a descriptor of a mount, or with OPEN_TREE_CLONE of a detached copy, that goes
   * when the descriptor is closed.
   */
  Fd openTree(Fd dir, String path, int flags) throws LinuxException;

  void moveMount(Fd fromDir, String from, Fd toDir, String to, int flags) throws LinuxException;

  /**
   * mount_setattr(2), with AT_EMPTY_PATH and AT_RECURSIVE in {@code flags}. ENOSYS before kernel
   * 5.12.
   */
  void setAttributes(Fd dir, String path, int flags, MountAttributes attributes)
      throws LinuxException;

  /** fsopen(2): a context in which a new filesystem of {@code type} is set up. */
  Fd openFileSystem(String type) throws LinuxException;

  /** fspick(2): a context in which the filesystem mounted at the path is reconfigured. */
  Fd pickFileSystem(Fd dir, String path, int flags) throws LinuxException;

  /**
   * fsconfig(2) FSCONFIG_SET_STRING. The error holds the kernel's own words, where it gives any.
   */
  void configure(Fd context, String key, String value) throws LinuxException;

  /** fsconfig(2) FSCONFIG_SET_FLAG. */
  void configure(Fd context, String flag) throws LinuxException;

  /** fsconfig(2) FSCONFIG_SET_FD. */
  void configure(Fd context, String key, Fd value) throws LinuxException;

  /** fsconfig(2) FSCONFIG_CMD_CREATE. */
  void createFileSystem(Fd context) throws LinuxException;

  /** fsconfig(2) FSCONFIG_CMD_RECONFIGURE. */
  void reconfigureFileSystem(Fd context) throws LinuxException;

  /** fsmount(2): a detached mount of the filesystem that was created, with MOUNT_ATTR_ flags. */
  Fd mountFileSystem(Fd context, long attributes) throws LinuxException;

  void pivotRoot(String newRoot, String putOld) throws LinuxException;

  /** The mounts in the calling thread's namespace, in the kernel's order. */
  List<MountInfo> mountInfo() throws IOException;

  /** The mounts that process {@code pid} sees. */
  List<MountInfo> mountInfo(int pid) throws IOException;
}
