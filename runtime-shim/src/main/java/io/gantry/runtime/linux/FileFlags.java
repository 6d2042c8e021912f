package io.gantry.runtime.linux;

/**
 * Flags of {@link Files}, by their names in the manual pages. Four of the O_ flags differ between
 * architectures.
 */
public final class FileFlags {
  private static final boolean X86 = Architecture.current() == Architecture.X86_64;

  public static final int O_RDONLY = 0;
  public static final int O_WRONLY = 1;
  public static final int O_RDWR = 2;
  public static final int O_ACCMODE = 3;
  public static final int O_CREAT = 0x40;
  public static final int O_EXCL = 0x80;
  public static final int O_NOCTTY = 0x100;
  public static final int O_TRUNC = 0x200;
  public static final int O_APPEND = 0x400;
  public static final int O_NONBLOCK = 0x800;
  public static final int O_DIRECT = X86 ? 0x4000 : 0x10000;
  public static final int O_DIRECTORY = X86 ? 0x10000 : 0x4000;
  public static final int O_NOFOLLOW = X86 ? 0x20000 : 0x8000;
  public static final int O_NOATIME = 0x40000;
  public static final int O_CLOEXEC = 0x80000;
  public static final int O_PATH = 0x200000;
  public static final int O_TMPFILE = 0x400000 | O_DIRECTORY;

  /** Acts on a symbolic link itself. */
  public static final int AT_SYMLINK_NOFOLLOW = 0x100;

  /** unlinkat: removes a directory. */
  public static final int AT_REMOVEDIR = 0x200;

  /** linkat: follows a symbolic link. */
  public static final int AT_SYMLINK_FOLLOW = 0x400;

  /** An empty path means the descriptor itself. */
  public static final int AT_EMPTY_PATH = 0x1000;

  /** mount_setattr, open_tree: the whole tree below. */
  public static final int AT_RECURSIVE = 0x8000;

  public static final int RENAME_NOREPLACE = 1;
  public static final int RENAME_EXCHANGE = 2;

  public static final int XATTR_CREATE = 1;
  public static final int XATTR_REPLACE = 2;

  /** The bits of a mode that tell the kind of file, and their values. */
  public static final int S_IFMT = 0xF000;

  public static final int S_IFSOCK = 0xC000;
  public static final int S_IFLNK = 0xA000;
  public static final int S_IFREG = 0x8000;
  public static final int S_IFBLK = 0x6000;
  public static final int S_IFDIR = 0x4000;
  public static final int S_IFCHR = 0x2000;
  public static final int S_IFIFO = 0x1000;

  public static final int F_DUPFD_CLOEXEC = 1030;
  public static final int F_GETFD = 1;
  public static final int F_SETFD = 2;
  public static final int F_GETFL = 3;
  public static final int F_SETFL = 4;
  public static final int F_SETPIPE_SZ = 1031;
  public static final int F_GETPIPE_SZ = 1032;
  public static final int F_ADD_SEALS = 1033;
  public static final int F_SEAL_SEAL = 1;
  public static final int F_SEAL_SHRINK = 2;
  public static final int F_SEAL_GROW = 4;
  public static final int F_SEAL_WRITE = 8;
  public static final int FD_CLOEXEC = 1;

  public static final int LOCK_SH = 1;
  public static final int LOCK_EX = 2;
  public static final int LOCK_NB = 4;
  public static final int LOCK_UN = 8;

  public static final int FALLOC_FL_KEEP_SIZE = 1;
  public static final int FALLOC_FL_PUNCH_HOLE = 2;

  public static final int SPLICE_F_MOVE = 1;
  public static final int SPLICE_F_NONBLOCK = 2;
  public static final int SPLICE_F_MORE = 4;

  public static final int MFD_CLOEXEC = 1;
  public static final int MFD_ALLOW_SEALING = 2;

  private FileFlags() {}
}
