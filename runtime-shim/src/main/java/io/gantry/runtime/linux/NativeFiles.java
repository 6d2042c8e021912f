package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.MEMORY;
import static io.gantry.runtime.linux.Kernel.failure;
import static io.gantry.runtime.linux.Kernel.where;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** {@link Files} by system calls. */
final class NativeFiles implements Files {
  private static final int TRANSFER_BYTES = 64 * 1024;

  private final Kernel kernel;
  private final ExtendedAttributes attributes;
  private final RootedWalk walk;

  /** Set once openat2(2) turned out to be missing, so that it is not asked for again. */
  private volatile boolean walkByHand;

  NativeFiles(Kernel kernel) {
    this.kernel = kernel;
    this.attributes = new ExtendedAttributes(kernel);
    this.walk = new RootedWalk(this);
  }

  @Override
  public Fd open(Fd dir, String path, int flags, int mode) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result =
          kernel.repeat(
              Syscall.OPENAT,
              dir.number(),
              scratch.text(path),
              flags | FileFlags.O_CLOEXEC,
              mode,
              0);
      if (result < 0) {
        throw failure("open " + where(dir, path), result);
      }
      return kernel.own(result);
    }
  }

  @Override
  public Fd openat2(Fd dir, String path, OpenHow how) throws LinuxException {
    if (walkByHand) {
      return walk.open(dir, path, how);
    }
    try (Scratch scratch = new Scratch()) {
      long arguments = scratch.raw(24);
      MEMORY.putLong(arguments, (how.flags() | FileFlags.O_CLOEXEC) & 0xffffffffL);
      MEMORY.putLong(arguments + 8, how.mode());
      MEMORY.putLong(arguments + 16, how.resolve());
      long name = scratch.text(path);
      long result;
      do {
        result = kernel.call(Syscall.OPENAT2, dir.number(), name, arguments, 24);
        // EAGAIN: a rename or mount elsewhere raced with ".." (openat2(2), ERRORS).
      } while (result == -Errno.EINTR || result == -Errno.EAGAIN);
      if (result == -Errno.ENOSYS) {
        walkByHand = true;
        return walk.open(dir, path, how);
      }
      if (result < 0) {
        throw failure("open " + where(dir, path), result);
      }
      return kernel.own(result);
    }
  }

  @Override
  public void mkdirat(Fd dir, String path, int mode) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result = kernel.call(Syscall.MKDIRAT, dir.number(), scratch.text(path), mode);
      if (result < 0) {
        throw failure("mkdir " + where(dir, path), result);
      }
    }
  }

  @Override
  public void mknodat(Fd dir, String path, int mode, DeviceNumber device) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result =
          kernel.call(Syscall.MKNODAT, dir.number(), scratch.text(path), mode, device.encoded());
      if (result < 0) {
        throw failure("mknod " + where(dir, path), result);
      }
    }
  }

  @Override
  public void symlinkat(String target, Fd dir, String path) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result =
          kernel.call(Syscall.SYMLINKAT, scratch.text(target), dir.number(), scratch.text(path));
      if (result < 0) {
        throw failure("symlink " + where(dir, path) + " to " + target, result);
      }
    }
  }

  @Override
  public void linkat(Fd fromDir, String from, Fd toDir, String to, int flags)
      throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result =
          kernel.call(
              Syscall.LINKAT,
              fromDir.number(),
              scratch.text(from),
              toDir.number(),
              scratch.text(to),
              flags);
      if (result < 0) {
        throw failure("link " + where(toDir, to) + " to " + where(fromDir, from), result);
      }
    }
  }

  @Override
  public void unlinkat(Fd dir, String path, int flags) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result = kernel.call(Syscall.UNLINKAT, dir.number(), scratch.text(path), flags);
      if (result < 0) {
        String verb = (flags & FileFlags.AT_REMOVEDIR) != 0 ? "rmdir " : "unlink ";
        throw failure(verb + where(dir, path), result);
      }
    }
  }

  @Override
  public void renameat(Fd fromDir, String from, Fd toDir, String to, int flags)
      throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result =
          kernel.call(
              Syscall.RENAMEAT2,
              fromDir.number(),
              scratch.text(from),
              toDir.number(),
              scratch.text(to),
              flags);
      if (result < 0) {
        throw failure("rename " + where(fromDir, from) + " to " + where(toDir, to), result);
      }
    }
  }

  @Override
  public void fchownat(Fd dir, String path, int uid, int gid, int flags) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result =
          kernel.call(Syscall.FCHOWNAT, dir.number(), scratch.text(path), uid, gid, flags);
      if (result < 0) {
        throw failure("chown " + where(dir, path), result);
      }
    }
  }

  @Override
  public void fchmodat(Fd dir, String path, int mode) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result = kernel.call(Syscall.FCHMODAT, dir.number(), scratch.text(path), mode);
      if (result < 0) {
        throw failure("chmod " + where(dir, path), result);
      }
    }
  }

  @Override
  public void fchmod(Fd file, int mode) throws LinuxException {
    long result = kernel.call(Syscall.FCHMOD, file.number(), mode);
    if (result < 0) {
      throw failure("chmod " + file, result);
    }
  }

  @Override
  public void utimensat(Fd dir, String path, FileTime accessed, FileTime modified, int flags)
      throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long times = scratch.raw(32);
      MEMORY.putLong(times, accessed.seconds());
      MEMORY.putLong(times + 8, accessed.nanos());
      MEMORY.putLong(times + 16, modified.seconds());
      MEMORY.putLong(times + 24, modified.nanos());
      long result = kernel.call(Syscall.UTIMENSAT, dir.number(), scratch.text(path), times, flags);
      if (result < 0) {
        throw failure("set times of " + where(dir, path), result);
      }
    }
  }

  @Override
  public void setxattr(Fd dir, String path, String name, byte[] value, int flags)
      throws LinuxException {
    attributes.set(dir, path, name, value, flags);
  }

  @Override
  public byte[] getxattr(Fd dir, String path, String name) throws LinuxException {
    return attributes.get(dir, path, name);
  }

  @Override
  public List<String> listxattr(Fd dir, String path) throws LinuxException {
    return attributes.list(dir, path);
  }

  @Override
  public void removexattr(Fd dir, String path, String name) throws LinuxException {
    attributes.remove(dir, path, name);
  }

  @Override
  public FileStatus stat(Fd dir, String path, int flags) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long status = scratch.zeroed(StatxLayout.SIZE);
      long result =
          kernel.call(
              Syscall.STATX, dir.number(), scratch.text(path), flags, StatxLayout.WANTED, status);
      if (result < 0) {
        throw failure("stat " + where(dir, path), result);
      }
      return StatxLayout.read(status);
    }
  }

  @Override
  public FileStatus stat(Fd file) throws LinuxException {
    return stat(file, "", FileFlags.AT_EMPTY_PATH);
  }

  @Override
  public String readlinkat(Fd dir, String path) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      int capacity = 4096;
      long target = scratch.raw(capacity);
      long result =
          kernel.call(Syscall.READLINKAT, dir.number(), scratch.text(path), target, capacity);
      if (result < 0) {
        throw failure("readlink " + where(dir, path), result);
      }
      byte[] bytes = new byte[(int) result];
      MEMORY.getByteArray(target, bytes, 0, bytes.length);
      return NativeText.decode(bytes);
    }
  }

  @Override
  public List<String> list(Fd dir) throws LinuxException {
    List<String> names = new ArrayList<>();
    // A descriptor of its own, so that the caller's position stays and an O_PATH one will do.
    try (Scratch scratch = new Scratch();
        Fd reader = open(dir, ".", FileFlags.O_RDONLY | FileFlags.O_DIRECTORY, 0)) {
      long buffer = scratch.raw(TRANSFER_BYTES / 2);
      while (true) {
        long length = kernel.call(Syscall.GETDENTS64, reader.number(), buffer, TRANSFER_BYTES / 2);
        if (length < 0) {
          throw failure("list " + dir, length);
        }
        if (length == 0) {
          return names;
        }
        addNames(buffer, length, names);
      }
    }
  }

  /** struct linux_dirent64: inode 8, offset 8, record length 2, type 1, name (getdents(2)). */
  private static void addNames(long buffer, long length, List<String> names) {
    for (long at = buffer; at < buffer + length; at += MEMORY.getShort(at + 16) & 0xffff) {
      String name = NativeText.decode(MEMORY.getZeroTerminatedByteArray(at + 19));
      if (!name.equals(".") && !name.equals("..")) {
        names.add(name);
      }
    }
  }

  @Override
  public void fsync(Fd file) throws LinuxException {
    onDescriptor(Syscall.FSYNC, "fsync ", file, 0, 0, 0);
  }

  @Override
  public void fdatasync(Fd file) throws LinuxException {
    onDescriptor(Syscall.FDATASYNC, "fdatasync ", file, 0, 0, 0);
  }

  @Override
  public void syncfs(Fd file) throws LinuxException {
    onDescriptor(Syscall.SYNCFS, "syncfs ", file, 0, 0, 0);
  }

  @Override
  public void ftruncate(Fd file, long sizeBytes) throws LinuxException {
    onDescriptor(Syscall.FTRUNCATE, "truncate ", file, sizeBytes, 0, 0);
  }

  @Override
  public void fallocate(Fd file, int mode, long offset, long lengthBytes) throws LinuxException {
    onDescriptor(Syscall.FALLOCATE, "allocate space for ", file, mode, offset, lengthBytes);
  }

  @Override
  public void flock(Fd file, int operation) throws LinuxException {
    onDescriptor(Syscall.FLOCK, "lock ", file, operation, 0, 0);
  }

  @Override
  public int fcntl(Fd file, int command, int argument) throws LinuxException {
    return (int) onDescriptor(Syscall.FCNTL, "fcntl ", file, command, argument, 0);
  }

  @Override
  public Fd duplicate(Fd file) throws LinuxException {
    return kernel.own(
        onDescriptor(Syscall.FCNTL, "duplicate ", file, FileFlags.F_DUPFD_CLOEXEC, 3, 0));
  }

  private long onDescriptor(Syscall call, String verb, Fd file, long a, long b, long c)
      throws LinuxException {
    long result = kernel.repeat(call, file.number(), a, b, c, 0);
    if (result < 0) {
      throw failure(verb + file, result);
    }
    return result;
  }

  @Override
  public FileSystemStatus statfs(String path) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long status = scratch.zeroed(120);
      long result = kernel.repeat(Syscall.STATFS, scratch.text(path), status, 0, 0, 0);
      if (result < 0) {
        throw failure("statfs " + path, result);
      }
      return fileSystemStatus(status);
    }
  }

  @Override
  public FileSystemStatus fstatfs(Fd file) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long status = scratch.zeroed(120);
      onDescriptor(Syscall.FSTATFS, "statfs ", file, status, 0, 0);
      return fileSystemStatus(status);
    }
  }

  /**
   * struct statfs of 64-bit architectures: words, with two ints for the id (asm-generic/statfs.h).
   */
  private static FileSystemStatus fileSystemStatus(long status) {
    return new FileSystemStatus(
        MEMORY.getLong(status) & 0xffffffffL,
        MEMORY.getLong(status + 8),
        MEMORY.getLong(status + 16),
        MEMORY.getLong(status + 24),
        MEMORY.getLong(status + 32),
        MEMORY.getLong(status + 40),
        MEMORY.getLong(status + 48),
        MEMORY.getLong(status + 80));
  }

  @Override
  public Pipe pipe2(int flags) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long ends = scratch.zeroed(8);
      long result = kernel.call(Syscall.PIPE2, ends, flags | FileFlags.O_CLOEXEC);
      if (result < 0) {
        throw failure("pipe", result);
      }
      return new Pipe(kernel.own(MEMORY.getInt(ends)), kernel.own(MEMORY.getInt(ends + 4)));
    }
  }

  @Override
  public int read(Fd file, byte[] buffer, int offset, int length) throws LinuxException {
    java.util.Objects.checkFromIndexSize(offset, length, buffer.length);
    try (Scratch scratch = new Scratch()) {
      int part = Math.min(length, TRANSFER_BYTES);
      long memory = scratch.raw(part);
      long result = kernel.repeat(Syscall.READ, file.number(), memory, part, 0, 0);
      if (result < 0) {
        throw failure("read " + file, result);
      }
      MEMORY.getByteArray(memory, buffer, offset, (int) result);
      return (int) result;
    }
  }

  @Override
  public int write(Fd file, byte[] buffer, int offset, int length) throws LinuxException {
    java.util.Objects.checkFromIndexSize(offset, length, buffer.length);
    try (Scratch scratch = new Scratch()) {
      int part = Math.min(length, TRANSFER_BYTES);
      long memory = scratch.raw(part);
      MEMORY.putByteArray(memory, buffer, offset, part);
      long result = kernel.repeat(Syscall.WRITE, file.number(), memory, part, 0, 0);
      if (result < 0) {
        throw failure("write " + file, result);
      }
      return (int) result;
    }
  }

  @Override
  public String readText(String path) throws LinuxException {
    try (Fd file = open(Fd.CWD, path, FileFlags.O_RDONLY, 0)) {
      byte[] bytes = new byte[4096];
      int length = 0;
      while (true) {
        int part = read(file, bytes, length, bytes.length - length);
        if (part == 0) {
          return NativeText.decode(bytes, 0, length);
        }
        length += part;
        if (length == bytes.length) {
          bytes = Arrays.copyOf(bytes, 2 * length);
        }
      }
    } catch (LinuxException e) {
      throw e.operation().endsWith(path) ? e : new LinuxException("read " + path, e.errno());
    }
  }

  @Override
  public void writeText(String path, String text) throws LinuxException {
    byte[] bytes = NativeText.encode(text);
    try (Fd file = open(Fd.CWD, path, FileFlags.O_WRONLY, 0);
        Scratch scratch = new Scratch()) {
      long result =
          kernel.repeat(Syscall.WRITE, file.number(), scratch.bytes(bytes), bytes.length, 0, 0);
      if (result < 0) {
        throw failure("write " + text.strip() + " to " + path, result);
      }
    }
  }

  @Override
  public long splice(Fd from, Fd to, long lengthBytes, int flags) throws LinuxException {
    return transfer(Syscall.SPLICE, "splice ", from, to, lengthBytes, flags);
  }

  @Override
  public long copyFileRange(Fd from, Fd to, long lengthBytes) throws LinuxException {
    return transfer(Syscall.COPY_FILE_RANGE, "copy ", from, to, lengthBytes, 0);
  }

  private long transfer(Syscall call, String verb, Fd from, Fd to, long length, int flags)
      throws LinuxException {
    long result;
    do {
      result = kernel.call(call, from.number(), 0, to.number(), 0, length, flags);
    } while (result == -Errno.EINTR);
    if (result < 0) {
      throw failure(verb + from + " to " + to, result);
    }
    return result;
  }

  @Override
  public Fd own(int number) {
    return kernel.own(number);
  }

  @Override
  public Fd memfd(String name, int flags) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      long result =
          kernel.call(Syscall.MEMFD_CREATE, scratch.text(name), flags | FileFlags.MFD_CLOEXEC);
      if (result < 0) {
        throw failure("make memory file " + name, result);
      }
      return kernel.own(result);
    }
  }
}
