package io.gantry.runtime.linux;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Opens paths as openat2(2) does, for kernels that lack it or filters that hide it: component by
 * component, each opened with O_PATH and O_NOFOLLOW, links read and walked by hand, {@code ..}
 * taken from the stack of directories passed.
 *
 * <p>It cannot see a magic link before opening it as a link, but never lets the kernel follow one.
 * A component that another process moves out of the root while it is walked stays reachable for
 * that one walk; openat2 itself has no such window.
 */
final class RootedWalk {
  private static final int MAX_LINKS = 40; // MAXSYMLINKS, linux/namei.h
  private static final int SUPPORTED =
      OpenHow.RESOLVE_NO_XDEV
          | OpenHow.RESOLVE_NO_MAGICLINKS
          | OpenHow.RESOLVE_NO_SYMLINKS
          | OpenHow.RESOLVE_BENEATH
          | OpenHow.RESOLVE_IN_ROOT;

  private final Files files;

  RootedWalk(Files files) {
    this.files = files;
  }

  Fd open(Fd dir, String path, OpenHow how) throws LinuxException {
    boolean bounded = (how.resolve() & (OpenHow.RESOLVE_BENEATH | OpenHow.RESOLVE_IN_ROOT)) != 0;
    if ((how.resolve() & ~SUPPORTED) != 0) {
      throw new LinuxException(describe(dir, path), Errno.EINVAL);
    }
    if (!bounded && (how.resolve() & OpenHow.RESOLVE_NO_SYMLINKS) == 0) {
      // Absolute links would have to lead out of the start and the walk's stack.
      throw new LinuxException(describe(dir, path), Errno.ENOSYS);
    }
    if (path.isEmpty()) {
      throw new LinuxException(describe(dir, path), Errno.ENOENT);
    }
    String start = !bounded && path.charAt(0) == '/' ? "/" : ".";
    try (Walk walk =
        new Walk(path, how, files.open(dir, start, FileFlags.O_PATH | FileFlags.O_DIRECTORY, 0))) {
      return walk.run();
    } catch (LinuxException e) {
      // Whichever component failed, the caller asked for the whole path.
      throw new LinuxException(describe(dir, path), e.errno());
    }
  }

  private static String describe(Fd dir, String path) {
    return "open " + Kernel.where(dir, path);
  }

  /** One walk and the directories it holds open. */
  private final class Walk implements AutoCloseable {
    private final String path;
    private final OpenHow how;
    private final Fd root;
    private final List<Fd> passed = new ArrayList<>();
    private final Deque<String> ahead = new ArrayDeque<>();
    private final boolean mustBeDirectory;
    private int links;

    Walk(String path, OpenHow how, Fd root) {
      this.path = path;
      this.how = how;
      this.root = root;
      this.mustBeDirectory = path.endsWith("/") || path.endsWith("/.");
    }

    Fd run() throws LinuxException {
      enterPath(path);
      while (true) {
        String name = ahead.poll();
        if (name == null) {
          return finish(here(), ".", FileFlags.O_DIRECTORY);
        }
        if (name.equals("..")) {
          up();
          continue;
        }
        boolean last = ahead.isEmpty();
        if (last && (how.flags() & FileFlags.O_CREAT) != 0 && !isLink(name)) {
          return finish(here(), name, FileFlags.O_NOFOLLOW);
        }
        Fd next = files.open(here(), name, FileFlags.O_PATH | FileFlags.O_NOFOLLOW, 0);
        FileStatus status = statusOrClose(next);
        if (resolves(OpenHow.RESOLVE_NO_XDEV) && crosses(status)) {
          next.close();
          throw failed(Errno.EXDEV);
        }
        if (!status.isSymbolicLink()) {
          if (last) {
            return reopen(next, status);
          }
          passed.add(next);
          continue;
        }
        try (next) {
          boolean stopAtLink = last && !mustBeDirectory && has(FileFlags.O_NOFOLLOW);
          if (stopAtLink && has(FileFlags.O_PATH)) {
            return files.duplicate(next);
          }
          if (stopAtLink) {
            throw failed(Errno.ELOOP);
          }
          follow(next);
        }
      }
    }

    private void enterPath(String text) throws LinuxException {
      if (text.charAt(0) == '/') {
        if (resolves(OpenHow.RESOLVE_BENEATH)) {
          throw failed(Errno.EXDEV);
        }
        leaveTo(0);
      }
      List<String> names = new ArrayList<>();
      for (String name : text.split("/")) {
        if (!name.isEmpty() && !name.equals(".")) {
          names.add(name);
        }
      }
      for (int i = names.size() - 1; i >= 0; i--) {
        ahead.addFirst(names.get(i));
      }
    }

    private void up() throws LinuxException {
      if (!passed.isEmpty()) {
        leaveTo(passed.size() - 1);
        return;
      }
      if (resolves(OpenHow.RESOLVE_BENEATH)) {
        throw failed(Errno.EXDEV);
      }
      if (!resolves(OpenHow.RESOLVE_IN_ROOT)) {
        // Unbounded: the walk's start may have parents of its own.
        passed.add(files.open(here(), "..", FileFlags.O_PATH | FileFlags.O_DIRECTORY, 0));
      }
    }

    private void follow(Fd link) throws LinuxException {
      if (resolves(OpenHow.RESOLVE_NO_SYMLINKS) || ++links > MAX_LINKS) {
        throw failed(Errno.ELOOP);
      }
      if (files.fstatfs(link).type() == FileSystemStatus.PROC
          && resolves(
              OpenHow.RESOLVE_NO_MAGICLINKS | OpenHow.RESOLVE_IN_ROOT | OpenHow.RESOLVE_BENEATH)) {
        // Which links of /proc are magic cannot be told from outside, so none is trusted.
        throw failed(Errno.ELOOP);
      }
      String target = files.readlinkat(link, "");
      if (target.isEmpty()) {
        throw failed(Errno.ENOENT);
      }
      enterPath(target);
    }

    private Fd reopen(Fd found, FileStatus status) throws LinuxException {
      try (found) {
        if (has(FileFlags.O_CREAT) && has(FileFlags.O_EXCL)) {
          throw failed(Errno.EEXIST);
        }
        if ((mustBeDirectory || has(FileFlags.O_DIRECTORY)) && !status.isDirectory()) {
          throw failed(Errno.ENOTDIR);
        }
        if (has(FileFlags.O_PATH)) {
          return files.duplicate(found);
        }
        int flags = how.flags() & ~(FileFlags.O_NOFOLLOW | FileFlags.O_CREAT);
        return files.open(Fd.CWD, "/proc/self/fd/" + found.number(), flags, 0);
      }
    }

    private Fd finish(Fd dir, String name, int extraFlags) throws LinuxException {
      return files.open(dir, name, how.flags() | extraFlags, how.mode());
    }

    private boolean isLink(String name) throws LinuxException {
      try {
        return files.stat(here(), name, FileFlags.AT_SYMLINK_NOFOLLOW).isSymbolicLink();
      } catch (LinuxException e) {
        if (e.errno() == Errno.ENOENT) {
          return false;
        }
        throw e;
      }
    }

    private FileStatus statusOrClose(Fd file) throws LinuxException {
      try {
        return files.stat(file);
      } catch (LinuxException e) {
        file.close();
        throw e;
      }
    }

    private boolean crosses(FileStatus status) throws LinuxException {
      FileStatus start = files.stat(root);
      return status.mountId() != 0
          ? status.mountId() != start.mountId()
          : !status.device().equals(start.device());
    }

    private Fd here() {
      return passed.isEmpty() ? root : passed.get(passed.size() - 1);
    }

    private void leaveTo(int depth) {
      while (passed.size() > depth) {
        passed.remove(passed.size() - 1).close();
      }
    }

    private boolean has(int flag) {
      return (how.flags() & flag) == flag;
    }

    private boolean resolves(int flag) {
      return (how.resolve() & flag) != 0;
    }

    private LinuxException failed(int errno) {
      return new LinuxException("open " + path, errno);
    }

    @Override
    public void close() {
      leaveTo(0);
      root.close();
    }
  }
}
