package io.gantry.cri.pod;

import io.gantry.cri.config.Config;
import io.gantry.cri.grpc.CriException;
import io.gantry.proto.cri.v1.NamespaceMode;
import io.gantry.proto.cri.v1.PodSandboxConfig;
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
  /** A pod's annotation: the size of its /dev/shm. */
  static final String SIZE = "gantry.io/shm-size";

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
          "mode=1777,size=" + sizeBytes(pod) + owner(pod));
    }
    return pod;
  }

  private long sizeBytes(Pod pod) {
    String asked = pod.config().getAnnotationsMap().get(SIZE);
    return asked == null ? config.get().pods().shmBytes() : Long.parseLong(asked);
  }

  /**
   * Refuses what the annotation cannot say.
   *
   * @throws CriException INVALID_REQUEST
   */
  static void check(PodSandboxConfig asked) {
    String size = asked.getAnnotationsMap().get(SIZE);
    if (size == null) {
      return;
    }
    if (!size.matches("[1-9][0-9]{0,17}")) {
      throw CriException.invalid(
          "annotation %s: \"%s\" is no number of bytes above 0".formatted(SIZE, size));
    }
    if (PodPaths.namespaces(asked).getIpc() == NamespaceMode.NODE) {
      throw CriException.invalid(
          "annotation %s: the pod shares the host's /dev/shm".formatted(SIZE));
    }
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
