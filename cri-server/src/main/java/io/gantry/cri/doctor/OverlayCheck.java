package io.gantry.cri.doctor;

import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.NamespaceKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Mounts an overlay on the filesystem that will hold images: some filesystems, an overlay among
 * them, cannot carry one. The mount is made in a mount namespace that ends with the check.
 */
final class OverlayCheck implements Check {
  private static final String SUBJECT = "overlayfs";

  private final Linux linux;
  private final Path root;

  OverlayCheck(Linux linux, Path root) {
    this.linux = linux;
    this.root = root;
  }

  @Override
  public List<Finding> examine() {
    Path parent = Disk.existing(root);
    try {
      Path scratch = Files.createTempDirectory(parent, ".gantry-doctor-");
      try {
        tryOn(scratch);
      } finally {
        remove(scratch);
      }
      return List.of(Finding.fine(SUBJECT, "can be mounted on " + parent));
    } catch (IOException e) {
      return List.of(
          Finding.missing(
              SUBJECT,
              e.getMessage(),
              "modprobe overlay; or set paths.root to a directory on ext4 or xfs (ftype=1)"));
    }
  }

  /** In a thread of its own, whose mount namespace goes when the thread ends. */
  private void tryOn(Path scratch) throws IOException {
    for (String part : List.of("lower", "upper", "work", "merged")) {
      Files.createDirectory(scratch.resolve(part));
    }
    FutureTask<Void> mount =
        new FutureTask<>(
            () -> {
              linux.namespaces().unshare(NamespaceKind.MOUNT.cloneFlag());
              linux
                  .mounts()
                  .mount(null, "/", null, MountFlags.MS_REC | MountFlags.MS_PRIVATE, null);
              linux
                  .mounts()
                  .mount(
                      "overlay",
                      scratch.resolve("merged").toString(),
                      "overlay",
                      0,
                      "lowerdir=%1$s/lower,upperdir=%1$s/upper,workdir=%1$s/work"
                          .formatted(scratch));
              return null;
            });
    Thread thread = new Thread(mount, "doctor-overlay");
    thread.start();
    try {
      mount.get();
      thread.join();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException problem ? problem : new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while mounting an overlay", e);
    }
  }

  /** The kernel makes work/work for itself. */
  private static void remove(Path scratch) throws IOException {
    for (String part : List.of("work/work", "work/index", "lower", "upper", "work", "merged", "")) {
      Files.deleteIfExists(scratch.resolve(part));
    }
  }
}
