package io.gantry.runtime.linux;

/**
 * What statfs(2) tells of a filesystem.
 *
 * @param type the filesystem's magic number (linux/magic.h)
 * @param blockSizeBytes unit of the block counts
 * @param availableBlocks free blocks that unprivileged users may take
 * @param flags the mount's ST_ flags
 */
public record FileSystemStatus(
    long type,
    long blockSizeBytes,
    long blocks,
    long freeBlocks,
    long availableBlocks,
    long inodes,
    long freeInodes,
    long flags) {
  public static final long OVERLAYFS = 0x794c7630L;
  public static final long TMPFS = 0x01021994L;
  public static final long NSFS = 0x6e736673L;
  public static final long CGROUP2 = 0x63677270L;
  public static final long CGROUP = 0x27e0ebL;
  public static final long PROC = 0x9fa0L;
  public static final long SYSFS = 0x62656572L;
}
