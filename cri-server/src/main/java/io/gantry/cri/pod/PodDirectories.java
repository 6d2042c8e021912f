package io.gantry.cri.pod;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * A pod's directory below the state directory, which lives until the pod is removed, and its
 * directory for logs.
 */
final class PodDirectories implements PodPart {
  /** Containers of any user read files through it, and no other user may look around. */
  private static final FileAttribute<?> PASSABLE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x"));

  private static final FileAttribute<?> LOGS =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x"));

  @Override
  public String name() {
    return "directories";
  }

  @Override
  public Pod make(Pod pod) throws IOException {
    Files.createDirectories(pod.paths().directory(), PASSABLE);
    Files.createDirectories(pod.paths().pins(), PASSABLE);
    String logs = pod.config().getLogDirectory();
    if (!logs.isEmpty()) {
      Files.createDirectories(Path.of(logs), LOGS);
    }
    return pod;
  }

  /**
   * Nothing: logs are the kubelet's, and {@link #remove} takes the rest when nothing is mounted in
   * it.
   */
  @Override
  public void undo(Pod pod) {}

  /** Deletes the pod's directory, after everything mounted in it was undone. */
  void remove(Pod pod) throws IOException {
    Path directory = pod.paths().directory();
    try {
      Files.walkFileTree(directory, new Deletion());
    } catch (NoSuchFileException e) {
      // Removed before.
    }
  }

  private static final class Deletion extends SimpleFileVisitor<Path> {
    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.deleteIfExists(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      Files.deleteIfExists(directory);
      return FileVisitResult.CONTINUE;
    }
  }
}
