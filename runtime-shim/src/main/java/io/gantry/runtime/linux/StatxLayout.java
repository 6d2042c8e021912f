package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;

/** struct statx as linux/stat.h lays it out, the same on every architecture. */
final class StatxLayout {
  static final int SIZE = 256;

  private static final int STATX_BASIC_STATS = 0x7ff;
  private static final int STATX_MNT_ID = 0x1000;
  private static final long STATX_ATTR_MOUNT_ROOT = 0x2000;

  /** What is asked for; an older kernel leaves out what it does not know. */
  static final int WANTED = STATX_BASIC_STATS | STATX_MNT_ID;

  private StatxLayout() {}

  static FileStatus read(long at) {
    return new FileStatus(
        MEMORY.getShort(at + 28) & 0xffff,
        MEMORY.getLong(at + 32),
        MEMORY.getInt(at + 16),
        MEMORY.getInt(at + 20),
        MEMORY.getInt(at + 24),
        MEMORY.getLong(at + 40),
        MEMORY.getLong(at + 48),
        time(at + 64),
        time(at + 112),
        time(at + 96),
        device(at + 136),
        device(at + 128),
        MEMORY.getLong(at + 144),
        (MEMORY.getLong(at + 8) & STATX_ATTR_MOUNT_ROOT) != 0);
  }

  private static FileTime time(long at) {
    return new FileTime(MEMORY.getLong(at), MEMORY.getInt(at + 8));
  }

  private static DeviceNumber device(long at) {
    return new DeviceNumber(MEMORY.getInt(at), MEMORY.getInt(at + 4));
  }
}
