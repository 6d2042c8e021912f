package io.gantry.image.snapshot;

/**
 * Disk space in use: allocated bytes (blocks, not apparent length) and inodes, a file with several
 * names counted once.
 */
public record SnapshotUsage(long bytes, long inodes) {

  public static final SnapshotUsage NONE = new SnapshotUsage(0, 0);

  public SnapshotUsage plus(SnapshotUsage other) {
    return new SnapshotUsage(bytes + other.bytes, inodes + other.inodes);
  }
}
