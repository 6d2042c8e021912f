package io.gantry.cri.build;

import io.gantry.image.build.StepRunner.MemoryMount;
import io.gantry.image.build.StepRunner.SecretMount;
import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.LinuxException;
import io.gantry.runtime.linux.MountFlags;
import io.gantry.runtime.linux.Mounts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * File systems in memory for one step: what must never lie on a disk, and what need not. Each is a
 * mount below a directory of the step's own. Confined to one thread.
 */
final class StepMemory implements AutoCloseable {
  private static final String SECRETS = "mode=0700,size=16m";

  private final Mounts mounts;
  private final Path directory;
  private int next;

  /**
   * @param directory not there yet; in the state directory
   */
  StepMemory(Mounts mounts, Path directory) {
    this.mounts = mounts;
    this.directory = directory;
  }

  /** A file with that content, in a file system of its own. */
  Path file(SecretMount secret) throws IOException {
    Path file = mount(SECRETS).resolve("file");
    try (FileChannel channel =
        FileChannel.open(
            file,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")))) {
      ByteBuffer bytes = ByteBuffer.wrap(secret.content());
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
    Files.setAttribute(file, "unix:uid", secret.uid());
    Files.setAttribute(file, "unix:gid", secret.gid());
    Files.setAttribute(file, "unix:mode", secret.mode());
    return file;
  }

  /** An empty directory. */
  Path directory(MemoryMount memory) throws IOException {
    return mount(memory.sizeBytes() > 0 ? "mode=1777,size=" + memory.sizeBytes() : "mode=1777");
  }

  /** A file of words that are no secret. */
  Path text(String text) throws IOException {
    Files.createDirectories(directory);
    Path file = Files.createFile(directory.resolve("text" + next++));
    Files.writeString(file, text);
    return file;
  }

  private Path mount(String options) throws IOException {
    Path place = Files.createDirectories(directory.resolve("memory" + next++));
    mounts.mount(
        "tmpfs", place.toString(), "tmpfs", MountFlags.MS_NOSUID | MountFlags.MS_NODEV, options);
    return place;
  }

  @Override
  public void close() throws IOException {
    clear(mounts, directory);
  }

  /** Takes away what there is in such a directory, mounted or not. */
  static void clear(Mounts mounts, Path directory) throws IOException {
    for (Path entry : entries(directory)) {
      if (Files.isDirectory(entry)) {
        unmount(mounts, entry);
      }
      Files.deleteIfExists(entry);
    }
    Files.deleteIfExists(directory);
  }

  private static void unmount(Mounts mounts, Path place) throws LinuxException {
    try {
      mounts.unmount(place.toString(), MountFlags.MNT_DETACH | MountFlags.UMOUNT_NOFOLLOW);
    } catch (LinuxException e) {
      // EINVAL: nothing is mounted there.
      if (e.errno() != Errno.EINVAL && e.errno() != Errno.ENOENT) {
        throw e;
      }
    }
  }

  static List<Path> entries(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory)) {
      stream.forEach(found::add);
    } catch (NoSuchFileException none) {
      return List.of();
    }
    return found;
  }
}
