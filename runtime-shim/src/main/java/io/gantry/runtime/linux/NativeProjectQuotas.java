package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;

/** {@link ProjectQuotas} by ioctl_xfs_fsgetxattr(2), which ext4 has, too, and quotactl(2). */
final class NativeProjectQuotas implements ProjectQuotas {
  // linux/fs.h; the same on x86-64 and aarch64.
  private static final long FS_IOC_FSGETXATTR = 0x801c581fL;
  private static final long FS_IOC_FSSETXATTR = 0x401c5820L;
  private static final int FS_XFLAG_PROJINHERIT = 0x200;

  /** struct fsxattr: flags, extent size, extents, project, cow extent size; padding. */
  private static final int FSXATTR_BYTES = 28;

  private static final int PROJECT_OFFSET = 12;

  // linux/quota.h: the command above the kind of quota.
  private static final long PRJQUOTA = 2;
  private static final long Q_GETQUOTA = 0x800007L << 8 | PRJQUOTA;
  private static final long Q_SETQUOTA = 0x800008L << 8 | PRJQUOTA;

  /** struct if_dqblk: eight words, and which of them are meant. */
  private static final int DQBLK_BYTES = 72;

  private static final int SPACE_OFFSET = 16;
  private static final int INODES_OFFSET = 40;
  private static final int VALID_OFFSET = 64;
  private static final int QIF_BLIMITS = 1;
  private static final int LIMIT_UNIT_BYTES = 1024;

  private final Kernel kernel;

  NativeProjectQuotas(Kernel kernel) {
    this.kernel = kernel;
  }

  @Override
  public long projectOf(Fd directory) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long attributes = attributes(directory, scratch);
      boolean inherited = (MEMORY.getInt(attributes) & FS_XFLAG_PROJINHERIT) != 0;
      return inherited ? MEMORY.getInt(attributes + PROJECT_OFFSET) & 0xffffffffL : 0;
    }
  }

  @Override
  public void setProject(Fd directory, long project) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long attributes = attributes(directory, scratch);
      MEMORY.putInt(attributes, MEMORY.getInt(attributes) | FS_XFLAG_PROJINHERIT);
      MEMORY.putInt(attributes + PROJECT_OFFSET, (int) project);
      long result = kernel.call(Syscall.IOCTL, directory.number(), FS_IOC_FSSETXATTR, attributes);
      if (result < 0) {
        throw failure("make " + directory + " a part of project " + project, result);
      }
    }
  }

  private long attributes(Fd directory, Scratch scratch) throws LinuxException {
    long attributes = scratch.zeroed(FSXATTR_BYTES);
    long result = kernel.call(Syscall.IOCTL, directory.number(), FS_IOC_FSGETXATTR, attributes);
    if (result < 0) {
      throw failure("project of " + directory, result);
    }
    return attributes;
  }

  @Override
  public Usage usage(Fd file, long project) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long quota = scratch.zeroed(DQBLK_BYTES);
      long result = kernel.call(Syscall.QUOTACTL_FD, file.number(), Q_GETQUOTA, project, quota);
      if (result == -Errno.ENOENT) {
        return new Usage(0, 0, 0); // XFS makes an entry with a project's first file.
      }
      if (result < 0) {
        throw failure("quota of project " + project + " on the file system of " + file, result);
      }
      return new Usage(
          MEMORY.getLong(quota + SPACE_OFFSET),
          MEMORY.getLong(quota + INODES_OFFSET),
          MEMORY.getLong(quota) * LIMIT_UNIT_BYTES);
    }
  }

  @Override
  public void limit(Fd file, long project, long bytes) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long quota = scratch.zeroed(DQBLK_BYTES);
      MEMORY.putLong(quota, (bytes + LIMIT_UNIT_BYTES - 1) / LIMIT_UNIT_BYTES);
      MEMORY.putInt(quota + VALID_OFFSET, QIF_BLIMITS);
      long result = kernel.call(Syscall.QUOTACTL_FD, file.number(), Q_SETQUOTA, project, quota);
      if (result < 0) {
        throw failure("limit project " + project + " on the file system of " + file, result);
      }
    }
  }
}
