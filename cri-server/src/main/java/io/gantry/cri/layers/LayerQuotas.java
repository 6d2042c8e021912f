package io.gantry.cri.layers;

import io.gantry.image.tree.DiskUsage;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Files;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.ProjectQuotas;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What containers' writable layers take and may take, by the file system's own account: each layer
 * is a project. Which one is noted on the layer's directories and nowhere else. Thread-safe.
 */
public final class LayerQuotas {

  // A range of our own: administrators count from 1, the kubelet from 1048577.
  private static final long FIRST = 0x6761_0000L;
  private static final long LAST = FIRST + 0xff_ffffL;

  private final Files files;
  private final ProjectQuotas quotas;
  // Guarded by this.
  private long next = FIRST;

  public LayerQuotas(Files files, ProjectQuotas quotas) {
    this.files = files;
    this.quotas = quotas;
  }

  /**
   * Has a new layer counted, and limited.
   *
   * @param directories those that make up the layer, still empty; the first one counts for all
   * @param bytes the most that the layer may take; 0 for any amount
   * @throws IOException that says so if the file system has no quotas for projects
   */
  public synchronized void limit(List<Path> directories, long bytes) throws IOException {
    try (Fd first = open(directories.get(0))) {
      long project = ownProject(first);
      if (project == 0) {
        project = freeProject(first);
        quotas.limit(first, project, bytes);
        // The directory that tells of the project comes last.
        for (Path directory : directories.subList(1, directories.size())) {
          try (Fd other = open(directory)) {
            quotas.setProject(other, project);
          }
        }
        quotas.setProject(first, project);
      } else {
        quotas.limit(first, project, bytes);
      }
    } catch (LinuxException e) {
      throw isLacking(e)
          ? new NoQuotas(
              "the file system of "
                  + directories.get(0)
                  + " has no quotas for projects: they need Linux 5.14, and ext4 or XFS mounted"
                  + " with prjquota ("
                  + e.getMessage()
                  + ")",
              e)
          : e;
    }
  }

  /** The file system below cannot do it. */
  public static final class NoQuotas extends IOException {
    private NoQuotas(String message, Throwable cause) {
      super(message, cause);
    }
  }

  private static boolean isLacking(LinuxException e) {
    return switch (e.errno()) {
      case Errno.ENOTTY, Errno.EOPNOTSUPP, Errno.ENOSYS, Errno.ESRCH, Errno.EINVAL -> true;
      default -> false;
    };
  }

  private Fd open(Path directory) throws LinuxException {
    return files.open(
        Fd.CWD,
        directory.toString(),
        FileFlags.O_RDONLY | FileFlags.O_DIRECTORY | FileFlags.O_NOFOLLOW,
        0);
  }

  private long ownProject(Fd directory) throws LinuxException {
    long project = quotas.projectOf(directory);
    return project >= FIRST && project <= LAST ? project : 0;
  }

  /** One that has no files: those of a removed layer may still be on their way out. */
  private long freeProject(Fd file) throws IOException {
    for (long tried = FIRST; tried <= LAST; tried++) {
      long project = next;
      next = next == LAST ? FIRST : next + 1;
      if (quotas.usage(file, project).inodes() == 0) {
        return project;
      }
    }
    throw new IOException("all projects for quotas are taken");
  }

  /**
   * What a layer takes, without looking at its files.
   *
   * @return nothing if the file system does not count it
   */
  Optional<DiskUsage> usage(Path directory) {
    try (Fd opened = open(directory)) {
      long project = ownProject(opened);
      if (project == 0) {
        return Optional.empty();
      }
      ProjectQuotas.Usage usage = quotas.usage(opened, project);
      return Optional.of(new DiskUsage(usage.bytes(), usage.inodes()));
    } catch (LinuxException e) {
      return Optional.empty(); // Walking it will tell why, if there is something to tell.
    }
  }
}
