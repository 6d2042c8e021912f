package io.gantry.cri.selinux;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.FileStatus;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Set;

/**
 * Labels a volume and all in it, so that a container may use it. Links are labelled, not followed,
 * and every directory is entered by a descriptor: what a container puts in the way meanwhile leads
 * nowhere else.
 */
public final class Relabeling {
  private static final String ATTRIBUTE = "security.selinux";

  /** Deeper trees are not volumes; each level holds a descriptor. */
  private static final int MAX_DEPTH = 256;

  /** Directories that the rest of the node needs as they are. */
  private static final Set<Path> SHARED =
      Set.of(
          Path.of("/"),
          Path.of("/bin"),
          Path.of("/boot"),
          Path.of("/dev"),
          Path.of("/etc"),
          Path.of("/home"),
          Path.of("/lib"),
          Path.of("/lib64"),
          Path.of("/media"),
          Path.of("/mnt"),
          Path.of("/opt"),
          Path.of("/proc"),
          Path.of("/root"),
          Path.of("/run"),
          Path.of("/sbin"),
          Path.of("/srv"),
          Path.of("/sys"),
          Path.of("/tmp"),
          Path.of("/usr"),
          Path.of("/var"),
          Path.of("/var/lib"),
          Path.of("/var/log"),
          Path.of("/var/run"),
          Path.of("/var/tmp"));

  private final Files files;

  public Relabeling(Files files) {
    this.files = files;
  }

  /**
   * @param volume without links in it
   * @throws IllegalArgumentException if it is a directory that the node itself uses
   * @throws IOException naming what could not be labelled
   */
  public void relabel(Path volume, String label) throws IOException {
    if (SHARED.contains(volume.normalize())) {
      throw new IllegalArgumentException(
          "relabel " + volume + ": the node itself uses that directory; mount one below it");
    }
    byte[] value = (label + "\0").getBytes(StandardCharsets.UTF_8);
    Path parent = volume.toAbsolutePath().getParent();
    int flags = FileFlags.O_PATH | FileFlags.O_DIRECTORY | FileFlags.O_NOFOLLOW;
    try (Fd directory = files.open(Fd.CWD, parent.toString(), flags, 0)) {
      relabel(directory, volume.getFileName().toString(), value, 0);
    } catch (LinuxException e) {
      throw new IOException("relabel " + volume + " to " + label + ": " + e.getMessage(), e);
    }
  }

  private void relabel(Fd parent, String name, byte[] value, int depth) throws IOException {
    if (depth > MAX_DEPTH) {
      throw new IOException("directories lie deeper than " + MAX_DEPTH);
    }
    FileStatus status;
    try {
      status = files.stat(parent, name, FileFlags.AT_SYMLINK_NOFOLLOW);
      files.setxattr(parent, name, ATTRIBUTE, value, 0);
    } catch (LinuxException e) {
      // Volumes live on while they are labelled; and some filesystems have labels of the mount.
      if (e.errno() == Errno.ENOENT || e.errno() == Errno.EOPNOTSUPP) {
        return;
      }
      throw e;
    }
    if (status.isDirectory()) {
      int flags = FileFlags.O_RDONLY | FileFlags.O_DIRECTORY | FileFlags.O_NOFOLLOW;
      try (Fd directory = files.open(parent, name, flags, 0)) {
        for (String entry : files.list(directory)) {
          relabel(directory, entry, value, depth + 1);
        }
      }
    }
  }
}
