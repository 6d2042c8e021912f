package io.gantry.runtime.linux;

import static io.gantry.runtime.linux.Kernel.failure;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.Callable;

/** {@link Namespaces} by system calls and short-lived threads. */
final class NativeNamespaces implements Namespaces {
  private static final int NS_GET_NSTYPE = 0xb703; // ioctl_nsfs(2)
  private static final int CLONE_FS = 0x200;

  private final Kernel kernel;
  private final Files files;
  private final Mounts mounts;

  NativeNamespaces(Kernel kernel, Files files, Mounts mounts) {
    this.kernel = kernel;
    this.files = files;
    this.mounts = mounts;
  }

  @Override
  public void unshare(int flags) throws LinuxException {
    long result = kernel.call(Syscall.UNSHARE, flags);
    if (result < 0) {
      throw failure("unshare namespaces 0x" + Integer.toHexString(flags), result);
    }
  }

  @Override
  public void enter(Fd namespace, NamespaceKind kind) throws LinuxException {
    long result = kernel.call(Syscall.SETNS, namespace.number(), kind.cloneFlag());
    if (result < 0) {
      throw failure("enter " + kind.procName() + " namespace " + namespace, result);
    }
  }

  @Override
  public Fd current(NamespaceKind kind) throws LinuxException {
    return files.open(Fd.CWD, "/proc/thread-self/ns/" + kind.procName(), FileFlags.O_RDONLY, 0);
  }

  @Override
  public Fd of(int pid, NamespaceKind kind) throws LinuxException {
    return files.open(Fd.CWD, "/proc/" + pid + "/ns/" + kind.procName(), FileFlags.O_RDONLY, 0);
  }

  @Override
  public Fd open(String path, NamespaceKind kind) throws LinuxException {
    Fd namespace = files.open(Fd.CWD, path, FileFlags.O_RDONLY | FileFlags.O_NONBLOCK, 0);
    long type = kernel.call(Syscall.IOCTL, namespace.number(), NS_GET_NSTYPE);
    if (type != kind.cloneFlag()) {
      namespace.close();
      // A plain file answers ENOTTY, another kind of namespace its own flag.
      throw new LinuxException(
          "open " + path + " as " + kind.procName() + " namespace", Errno.EINVAL);
    }
    return namespace;
  }

  @Override
  public Fd create(NamespaceKind kind) throws LinuxException {
    if (kind == NamespaceKind.PID || kind == NamespaceKind.USER || kind == NamespaceKind.TIME) {
      throw new IllegalArgumentException("a thread cannot begin a " + kind + " namespace");
    }
    Visitor<Fd> visitor =
        new Visitor<>(
            "new-" + kind.procName(),
            () -> {
              unshare(kind.cloneFlag());
              return current(kind);
            });
    try {
      return visitor.result();
    } catch (LinuxException e) {
      throw e;
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void pin(Fd namespace, String path) throws LinuxException {
    Fd file =
        files.open(
            Fd.CWD,
            path,
            FileFlags.O_RDONLY | FileFlags.O_CREAT | FileFlags.O_EXCL | FileFlags.O_NOFOLLOW,
            0444);
    file.close();
    try {
      mounts.mount("/proc/self/fd/" + namespace.number(), path, null, MountFlags.MS_BIND, null);
    } catch (LinuxException e) {
      try {
        files.unlinkat(Fd.CWD, path, 0);
      } catch (LinuxException unlink) {
        e.addSuppressed(unlink);
      }
      throw e;
    }
  }

  @Override
  public void unpin(String path) throws LinuxException {
    while (unmounted(path)) {
      // Pins may lie on top of each other after a crash between mount and record.
    }
    try {
      files.unlinkat(Fd.CWD, path, 0);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  private boolean unmounted(String path) throws LinuxException {
    try {
      mounts.unmount(path, MountFlags.MNT_DETACH | MountFlags.UMOUNT_NOFOLLOW);
      return true;
    } catch (LinuxException e) {
      // EINVAL: not a mount point.
      if (e.errno() == Errno.EINVAL || e.errno() == Errno.ENOENT) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public <T> T visit(Set<Visit> namespaces, Callable<T> work) throws IOException {
    Visitor<T> visitor =
        new Visitor<>(
            "visit",
            () -> {
              for (Visit visit : namespaces) {
                if (visit.kind() == NamespaceKind.MOUNT) {
                  // setns(2): a thread that shares its working directory may not enter one.
                  unshare(CLONE_FS);
                }
                enter(visit.namespace(), visit.kind());
              }
              return work.call();
            });
    return visitor.result();
  }

  @Override
  public void setHostname(String name) throws LinuxException {
    setName(Syscall.SETHOSTNAME, name);
  }

  @Override
  public void setDomainname(String name) throws LinuxException {
    setName(Syscall.SETDOMAINNAME, name);
  }

  private void setName(Syscall call, String name) throws LinuxException {
    try (Scratch scratch = new Scratch()) {
      byte[] bytes = NativeText.encode(name);
      long result = kernel.call(call, scratch.bytes(bytes), bytes.length);
      if (result < 0) {
        throw failure(call.callName() + " " + name, result);
      }
    }
  }
}
