package io.gantry.runtime.rootfs;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.OpenHow;

/**
 * Paths inside a container's root filesystem, which an image or another container that shares a
 * volume may have filled with symbolic links. Every path is resolved by the kernel as a program
 * chrooted there would resolve it, and what comes out is a descriptor, so that no later change of a
 * link can lead elsewhere (CVE-2021-30465).
 */
final class RootDirectory {
  /** As many links as the kernel follows (path_resolution(7)). */
  private static final int MAX_LINKS = 40;

  private final Files files;
  private final Fd root;

  RootDirectory(Files files, Fd root) {
    this.files = files;
    this.root = root;
  }

  Fd root() {
    return root;
  }

  /**
   * A descriptor of what is there (O_PATH).
   *
   * @throws LinuxException ENOENT if nothing is
   */
  Fd open(String path) throws LinuxException {
    return open(path, 0, 0);
  }

  Fd open(String path, int flags, int resolve) throws LinuxException {
    int all = OpenHow.RESOLVE_IN_ROOT | OpenHow.RESOLVE_NO_MAGICLINKS | resolve;
    return files.openat2(root, relative(path), new OpenHow(FileFlags.O_PATH | flags, 0, all));
  }

  /** RESOLVE_IN_ROOT takes an absolute path too, but the fallback walk reads better without. */
  private static String relative(String path) {
    int at = 0;
    while (at < path.length() && path.charAt(at) == '/') {
      at++;
    }
    return at == path.length() ? "." : path.substring(at);
  }

  /** The directory of a path, made with its parents where they are missing. */
  Fd makeDirectories(String path, int mode) throws LinuxException {
    return makeDirectories(relative(path), mode, MAX_LINKS);
  }

  private Fd makeDirectories(String path, int mode, int links) throws LinuxException {
    try {
      return open(path, FileFlags.O_DIRECTORY, 0);
    } catch (LinuxException e) {
      if (e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
    try (Fd parent = makeDirectories(parent(path), mode, links)) {
      String name = name(path);
      if (!name.equals("..") && !name.equals(".")) {
        String target = makeDirectory(parent, name, mode);
        if (target != null) {
          if (links == 0) {
            throw new LinuxException("make directory " + path, Errno.ELOOP);
          }
          String next = target.startsWith("/") ? relative(target) : parent(path) + "/" + target;
          return makeDirectories(next, mode, links - 1);
        }
      }
    }
    return open(path, FileFlags.O_DIRECTORY, 0);
  }

  /** Makes one directory; returns the target if a symbolic link that leads nowhere is there. */
  private String makeDirectory(Fd parent, String name, int mode) throws LinuxException {
    try {
      files.mkdirat(parent, name, mode);
      return null;
    } catch (LinuxException e) {
      if (e.errno() != Errno.EEXIST) {
        throw e;
      }
      if (files.stat(parent, name, FileFlags.AT_SYMLINK_NOFOLLOW).isSymbolicLink()) {
        return files.readlinkat(parent, name);
      }
      return null;
    }
  }

  /** The file of a path for something to be mounted on, made empty if it is missing. */
  Fd makeFile(String path) throws LinuxException {
    String inside = relative(path);
    for (int links = 0; links < MAX_LINKS; links++) {
      try {
        return open(inside);
      } catch (LinuxException e) {
        if (e.errno() != Errno.ENOENT) {
          throw e;
        }
      }
      try (Fd parent = makeDirectories(parent(inside), 0755)) {
        String name = name(inside);
        try {
          int flags = FileFlags.O_CREAT | FileFlags.O_EXCL | FileFlags.O_NOFOLLOW;
          files.open(parent, name, flags, 0644).close();
        } catch (LinuxException e) {
          if (e.errno() != Errno.EEXIST) {
            throw e;
          }
          String target = files.readlinkat(parent, name);
          inside = target.startsWith("/") ? relative(target) : parent(inside) + "/" + target;
        }
      }
    }
    throw new LinuxException("make file " + path, Errno.ELOOP);
  }

  static String parent(String path) {
    int slash = path.lastIndexOf('/', lastOfName(path));
    return slash <= 0 ? "." : path.substring(0, slash);
  }

  static String name(String path) {
    int end = lastOfName(path);
    return path.substring(path.lastIndexOf('/', end) + 1, end + 1);
  }

  private static int lastOfName(String path) {
    int end = path.length() - 1;
    while (end > 0 && path.charAt(end) == '/') {
      end--;
    }
    return end;
  }
}
