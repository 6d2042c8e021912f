package io.gantry.cri.namedvolume;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Mounts at volumes' directories. Thread-safe for different volumes. */
final class VolumeMounts {
  private static final long CHANGED_LATER =
      MountFlags.MS_RDONLY | MountFlags.MS_NOSUID | MountFlags.MS_NODEV | MountFlags.MS_NOEXEC;

  private final Mounts mounts;

  VolumeMounts(Mounts mounts) {
    this.mounts = mounts;
  }

  /**
   * Mounts, unless something is mounted there.
   *
   * @throws CriException WRONG_STATE saying why the kernel does not
   */
  void mount(String volume, VolumeMount mount, Path directory) throws IOException {
    if (isMounted(directory)) {
      return;
    }
    if (mount.isBind() && !Files.exists(Path.of(mount.device()))) {
      throw CriException.wrongState(
          "volume %s: %s, which is to be bound, does not exist".formatted(volume, mount.device()));
    }
    String type = mount.isBind() ? null : mount.type();
    String data = mount.data().isEmpty() ? null : mount.data();
    try {
      mounts.mount(mount.device(), directory.toString(), type, mount.flags(), data);
      long later = mount.flags() & CHANGED_LATER;
      if (mount.isBind() && later != 0) {
        // A bind takes its source's flags, whatever it is given (mount(2)).
        mounts.mount(
            null,
            directory.toString(),
            null,
            MountFlags.MS_REMOUNT | MountFlags.MS_BIND | later,
            null);
      }
    } catch (LinuxException e) {
      throw new CriException(
          Failure.WRONG_STATE,
          "volume %s: mount %s of type %s: %s"
              .formatted(volume, mount.device(), mount.type(), e.getMessage()),
          e);
    }
  }

  /** Takes away what is mounted at the directory, also if it is more than one thing. */
  void unmount(Path directory) throws IOException {
    while (isMounted(directory)) {
      try {
        mounts.unmount(directory.toString(), MountFlags.MNT_DETACH | MountFlags.UMOUNT_NOFOLLOW);
      } catch (LinuxException e) {
        // EINVAL: nothing is mounted there any more.
        if (e.errno() != Errno.EINVAL) {
          throw e;
        }
        return;
      }
    }
  }

  boolean isMounted(Path directory) throws IOException {
    String target = directory.toString();
    return mounts.mountInfo().stream().anyMatch(mount -> mount.target().equals(target));
  }
}
