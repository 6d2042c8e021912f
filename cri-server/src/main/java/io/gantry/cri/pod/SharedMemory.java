package io.gantry.cri.pod;

import io.gantry.cri.config.Config;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;

/** The tmpfs that a pod's containers share as /dev/shm, along with its IPC namespace. */
final class SharedMemory implements PodPart {
  private final Mounts mounts;
  private final Supplier<Config> config;

  SharedMemory(Mounts mounts, Supplier<Config> config) {
    this.mounts = mounts;
    this.config = config;
  }

  @Override
  public String name() {
    return "shared memory";
  }

  @Override
  public Pod make(Pod pod) throws IOException {
    if (isOwn(pod)) {
      Path shm = Files.createDirectory(pod.paths().shm());
      mounts.mount(
          "shm",
          shm.toString(),
          "tmpfs",
          MountFlags.MS_NOSUID | MountFlags.MS_NOEXEC | MountFlags.MS_NODEV,
          "mode=1777,size=" + config.get().pods().shmBytes() + owner(pod));
    }
    return pod;
  }

  private static String owner(Pod pod) {
    return pod.users()
        .map(
            users ->
                ",uid=%s,gid=%s"
                    .formatted(
                        Integer.toUnsignedString(users.rootUid()),
                        Integer.toUnsignedString(users.rootGid())))
        .orElse("");
  }

  @Override
  public void undo(Pod pod) throws IOException {
    if (!isOwn(pod)) {
      return;
    }
    try {
      mounts.unmount(
          pod.paths().shm().toString(), MountFlags.MNT_DETACH | MountFlags.UMOUNT_NOFOLLOW);
    } catch (LinuxException e) {
      // EINVAL: no mount there.
      if (e.errno() != Errno.EINVAL && e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  private static boolean isOwn(Pod pod) {
    return pod.paths().ipcNamespace().isPresent();
  }
}
