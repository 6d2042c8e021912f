package io.gantry.runtime.linux;

import java.util.List;

/**
 * System calls on files, by the names and flags of their manual pages ({@link FileFlags}).
 *
 * <p>A path is relative to {@code dir} unless it is absolute; {@link Fd#CWD} stands for the working
 * directory. Paths may hold bytes that are not UTF-8, see {@link NativeText}. Every descriptor
 * returned is close-on-exec and the caller's to close. A call interrupted by a signal is repeated.
 * Thread-safe.
 */
public interface Files {
  /** openat(2). {@code mode} matters only with O_CREAT or O_TMPFILE. */
  Fd open(Fd dir, String path, int flags, int mode) throws LinuxException;

  /**
   * openat2(2): opens with bounds on where the path may lead. On kernels that lack the call (before
   * 5.6), or where a seccomp filter hides it, the path is walked component by component to the same
   * effect.
   *
   * @throws LinuxException EXDEV if the path leaves bounds, ELOOP if it meets a forbidden link,
   *     else as openat(2)
   */
  Fd openat2(Fd dir, String path, OpenHow how) throws LinuxException;

  void mkdirat(Fd dir, String path, int mode) throws LinuxException;

  /** mknodat(2). {@code mode} holds the kind (S_IFCHR …) and permissions; the umask applies. */
  void mknodat(Fd dir, String path, int mode, DeviceNumber device) throws LinuxException;

  void symlinkat(String target, Fd dir, String path) throws LinuxException;

  void linkat(Fd fromDir, String from, Fd toDir, String to, int flags) throws LinuxException;

  void unlinkat(Fd dir, String path, int flags) throws LinuxException;

  /** renameat2(2), or renameat(2) where {@code flags} is 0. */
  void renameat(Fd fromDir, String from, Fd toDir, String to, int flags) throws LinuxException;

  /** fchownat(2). -1 leaves an id as it is. */
  void fchownat(Fd dir, String path, int uid, int gid, int flags) throws LinuxException;

  /** fchmodat(2), following symbolic links. */
  void fchmodat(Fd dir, String path, int mode) throws LinuxException;

  void fchmod(Fd file, int mode) throws LinuxException;

  void utimensat(Fd dir, String path, FileTime accessed, FileTime modified, int flags)
      throws LinuxException;

  /**
   * Sets an extended attribute of the file itself, also if it is a symbolic link. An empty path
   * means {@code dir} itself, which may be opened with O_PATH.
   */
  void setxattr(Fd dir, String path, String name, byte[] value, int flags) throws LinuxException;

  /**
   * The value of an extended attribute of the file itself; conventions as {@link #setxattr}.
   *
   * @throws LinuxException ENODATA if there is none of that name
   */
  byte[] getxattr(Fd dir, String path, String name) throws LinuxException;

  /** The names of the extended attributes of the file itself; conventions as {@link #setxattr}. */
  List<String> listxattr(Fd dir, String path) throws LinuxException;

  /** Removes an extended attribute of the file itself; conventions as {@link #setxattr}. */
  void removexattr(Fd dir, String path, String name) throws LinuxException;

  /** statx(2) with AT_SYMLINK_NOFOLLOW or AT_EMPTY_PATH or none in {@code flags}. */
  FileStatus stat(Fd dir, String path, int flags) throws LinuxException;

  /** The status of an open file. */
  FileStatus stat(Fd file) throws LinuxException;

  /**
   * The target of a symbolic link. An empty path means {@code dir}, a link opened with O_PATH and
   * O_NOFOLLOW.
   */
  String readlinkat(Fd dir, String path) throws LinuxException;

  /**
   * The names in a directory but {@code .} and {@code ..}, in no order. Starts at the descriptor's
   * beginning.
   */
  List<String> list(Fd dir) throws LinuxException;

  void fsync(Fd file) throws LinuxException;

  void fdatasync(Fd file) throws LinuxException;

  /** Writes all of the filesystem that {@code file} lives on to its device. */
  void syncfs(Fd file) throws LinuxException;

  void ftruncate(Fd file, long sizeBytes) throws LinuxException;

  void fallocate(Fd file, int mode, long offset, long lengthBytes) throws LinuxException;

  FileSystemStatus statfs(String path) throws LinuxException;

  FileSystemStatus fstatfs(Fd file) throws LinuxException;

  /** pipe2(2) with O_CLOEXEC and {@code flags} such as O_NONBLOCK. */
  Pipe pipe2(int flags) throws LinuxException;

  /**
   * Reads at most {@code length} bytes into {@code buffer}.
   *
   * @return bytes read; 0 at the end of the file
   * @throws LinuxException EAGAIN if nothing is there and the descriptor is non-blocking
   */
  int read(Fd file, byte[] buffer, int offset, int length) throws LinuxException;

  /** Writes some bytes, at least one, and returns how many. */
  int write(Fd file, byte[] buffer, int offset, int length) throws LinuxException;

  /** Writes all of {@code bytes} to a blocking descriptor. */
  default void writeFully(Fd file, byte[] bytes) throws LinuxException {
    int done = 0;
    while (done < bytes.length) {
      done += write(file, bytes, done, bytes.length - done);
    }
  }

  /**
   * The whole text of a kernel file, such as one of /proc, /sys or a cgroup.
   *
   * <p>It is read in large pieces: a sysctl gives all it has to the first read and nothing to a
   * second, so that readers which begin with a byte, as java.nio.file.Files does for files of
   * unknown size, get one digit.
   */
  String readText(String path) throws LinuxException;

  /** Writes to an existing kernel file in one call, as those files want it. */
  void writeText(String path, String text) throws LinuxException;

  /**
   * Moves data between two descriptors, one of them a pipe, without copying it here; returns bytes
   * moved, 0 at the end.
   */
  long splice(Fd from, Fd to, long lengthBytes, int flags) throws LinuxException;

  /**
   * Copies inside the kernel from and to the files' positions, sharing blocks where the filesystem
   * can; returns bytes copied.
   */
  long copyFileRange(Fd from, Fd to, long lengthBytes) throws LinuxException;

  /** fcntl(2) with a number as argument. */
  int fcntl(Fd file, int command, int argument) throws LinuxException;

  /** A second descriptor of the same open file, close-on-exec. */
  Fd duplicate(Fd file) throws LinuxException;

  /**
   * flock(2).
   *
   * @throws LinuxException EAGAIN with LOCK_NB if someone else holds the lock
   */
  void flock(Fd file, int operation) throws LinuxException;

  /**
   * Takes over a descriptor that the kernel has opened for this process by other means, such as
   * clone(2)'s pidfd.
   */
  Fd own(int number);

  /** A file in memory without a name on any filesystem; {@code name} is for /proc only. */
  Fd memfd(String name, int flags) throws LinuxException;
}
