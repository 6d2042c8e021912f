package io.gantry.cri.layers;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;

/**
 * Deletes a tree, name by name within directories that are held open. A container can nest
 * directories far deeper than descriptors or a stack would last, so what is too deep is first moved
 * up. Confined to one thread.
 */
final class TreeDeletion {

  private static final int DEPTH_LIMIT = 64;

  private final Files files;
  private long moved;

  TreeDeletion(Files files) {
    this.files = files;
  }

  /** Deletes what a directory has by that name; succeeds if there is nothing. */
  void delete(Fd holder, String name) throws IOException {
    if (unlink(holder, name)) {
      return;
    }
    try (Fd top = openDirectory(holder, name)) {
      boolean again = true;
      while (again) {
        again = empty(top, top, 0);
      }
    }
    files.unlinkat(holder, name, FileFlags.AT_REMOVEDIR);
  }

  /**
   * Empties a directory.
   *
   * @return whether something was moved up to {@code top} and is still to be deleted
   */
  private boolean empty(Fd directory, Fd top, int depth) throws IOException {
    boolean movedUp = false;
    for (String name : files.list(directory)) {
      if (unlink(directory, name)) {
        continue;
      }
      if (depth >= DEPTH_LIMIT) {
        files.renameat(directory, name, top, freeName(top), 0);
        movedUp = true;
        continue;
      }
      try (Fd child = openDirectory(directory, name)) {
        movedUp |= empty(child, top, depth + 1);
      }
      files.unlinkat(directory, name, FileFlags.AT_REMOVEDIR);
    }
    return movedUp;
  }

  private String freeName(Fd top) throws IOException {
    while (true) {
      String name = "deep-" + moved++;
      try {
        files.stat(top, name, FileFlags.AT_SYMLINK_NOFOLLOW);
      } catch (LinuxException e) {
        if (e.errno() == Errno.ENOENT) {
          return name;
        }
        throw e;
      }
    }
  }

  private Fd openDirectory(Fd holder, String name) throws IOException {
    return files.open(
        holder, name, FileFlags.O_RDONLY | FileFlags.O_DIRECTORY | FileFlags.O_NOFOLLOW, 0);
  }

  /** Unlinks anything but a directory; false if it is one. */
  private boolean unlink(Fd holder, String name) throws IOException {
    try {
      files.unlinkat(holder, name, 0);
      return true;
    } catch (LinuxException e) {
      if (e.errno() == Errno.EISDIR) {
        return false;
      }
      if (e.errno() == Errno.ENOENT) {
        return true;
      }
      throw e;
    }
  }
}
