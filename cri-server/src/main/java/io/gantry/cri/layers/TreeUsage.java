package io.gantry.cri.layers;

import io.gantry.image.tree.DiskUsage;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.FileStatus;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/** Adds up what a tree takes, while others may be changing it. Confined to one thread. */
final class TreeUsage {

  private static final int BLOCK_BYTES = 512; // statx(2), stx_blocks
  // Every level holds a descriptor; what a container nests deeper than this is not counted.
  private static final int DEPTH_LIMIT = 256;

  private final Files files;
  private final Set<Long> seen = new HashSet<>();
  private long bytes;
  private long inodes;

  private TreeUsage(Files files) {
    this.files = files;
  }

  static DiskUsage of(Files files, Path directory) throws IOException {
    TreeUsage usage = new TreeUsage(files);
    usage.add(Fd.CWD, directory.toString(), 0);
    return new DiskUsage(usage.bytes, usage.inodes);
  }

  private void add(Fd holder, String name, int depth) throws IOException {
    FileStatus status;
    try {
      status = files.stat(holder, name, FileFlags.AT_SYMLINK_NOFOLLOW);
    } catch (LinuxException e) {
      ignoreVanished(e);
      return;
    }
    boolean counted = !status.isDirectory() && status.links() > 1 && !seen.add(status.inode());
    if (counted) {
      return;
    }
    bytes += status.blocks() * BLOCK_BYTES;
    inodes++;
    if (status.isDirectory() && depth < DEPTH_LIMIT) {
      addEntries(holder, name, depth);
    }
  }

  private void addEntries(Fd holder, String name, int depth) throws IOException {
    try (Fd directory =
        files.open(
            holder, name, FileFlags.O_RDONLY | FileFlags.O_DIRECTORY | FileFlags.O_NOFOLLOW, 0)) {
      for (String entry : files.list(directory)) {
        add(directory, entry, depth + 1);
      }
    } catch (LinuxException e) {
      ignoreVanished(e);
    }
  }

  /** What is gone, or has become something else since we looked, is not counted. */
  private static void ignoreVanished(LinuxException e) throws LinuxException {
    if (e.errno() != Errno.ENOENT && e.errno() != Errno.ENOTDIR && e.errno() != Errno.ELOOP) {
      throw e;
    }
  }
}
