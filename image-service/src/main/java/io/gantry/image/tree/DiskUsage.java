package io.gantry.image.tree;

/**
 * Disk space in use: allocated bytes (blocks, not apparent length) and inodes, a file with several
 * names counted once.
 */
public record DiskUsage(long bytes, long inodes) {

  public static final DiskUsage NONE = new DiskUsage(0, 0);

  public DiskUsage plus(DiskUsage other) {
    return new DiskUsage(bytes + other.bytes, inodes + other.inodes);
  }
}
