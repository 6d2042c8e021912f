package io.gantry.runtime.foreign;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.Mounts;
import io.gantry.runtime.ttrpc.TtrpcCode;
import io.gantry.runtime.ttrpc.TtrpcException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Ends a container of another shim whose own gantry shim is gone: nobody reads its output any more,
 * and nobody would hear of its end.
 */
public final class ForeignCleanup {
  private static final int SIGKILL = 9;
  private static final int MNT_DETACH = 2;
  private static final int EXIT_SECONDS = 10;

  private ForeignCleanup() {}

  /**
   * Kills and frees the container and ends its shim. Does nothing to a bundle of gantry's own shim.
   * May be repeated.
   *
   * @throws IOException if something may be left
   */
  public static void run(Mounts mounts, String id, Path bundle) throws IOException {
    Optional<ForeignNote> note = ForeignNote.read(bundle);
    if (note.isEmpty()) {
      return;
    }
    if (note.get().address().isPresent()) {
      askShim(note.get(), id);
    }
    new ForeignProgram(note.get().shim(), id, bundle).delete();
    unmountRoot(mounts, bundle);
  }

  private static void askShim(ForeignNote note, String id) throws IOException {
    ForeignTask task;
    try {
      task = ForeignTask.connect(note.address().get(), note.shim().getNamespace(), id);
    } catch (IOException gone) {
      return;
    }
    try (task) {
      end(task);
      task.shutdown();
    }
  }

  private static void end(ForeignTask task) throws IOException {
    try {
      task.kill("", SIGKILL, true);
      task.exit("").get(EXIT_SECONDS, TimeUnit.SECONDS);
    } catch (TtrpcException | ExecutionException | TimeoutException e) {
      // It has ended, or the shim cannot do it; its program's delete action will.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
    try {
      task.delete("");
    } catch (TtrpcException e) {
      if (e.code() == TtrpcCode.CANCELLED) {
        throw e;
      }
      // As above.
    }
  }

  /** Shims unmount the root filesystem themselves; one that was killed has not. */
  static void unmountRoot(Mounts mounts, Path bundle) throws LinuxException {
    String root = bundle.resolve("rootfs").toString();
    while (true) {
      try {
        mounts.unmount(root, MNT_DETACH);
      } catch (LinuxException e) {
        // EINVAL: nothing is mounted there (umount(2)).
        if (e.errno() == Errno.EINVAL || e.errno() == Errno.ENOENT) {
          return;
        }
        throw e;
      }
    }
  }
}
