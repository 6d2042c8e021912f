package io.gantry.image.snapshot;

import io.gantry.image.tree.LayerTrees;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Where directories go to be deleted: out of sight by one rename, then removed at leisure, by the
 * next start if need be. Thread-safe.
 */
final class Trash {

  private final Path directory;
  private final LayerTrees trees;
  private final AtomicLong next = new AtomicLong();

  private Trash(Path directory, LayerTrees trees) {
    this.directory = directory;
    this.trees = trees;
  }

  /** Opens the trash and empties it of what an earlier run left. */
  static Trash open(Path directory, LayerTrees trees) throws IOException {
    Files.createDirectories(directory);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory)) {
      for (Path one : left) {
        trees.delete(one);
      }
    }
    return new Trash(directory, trees);
  }

  /** Removes a directory of the same file system; removing what is not there succeeds. */
  void discard(Path unwanted) throws IOException {
    Path here = directory.resolve(Long.toString(next.getAndIncrement()));
    try {
      Files.move(unwanted, here, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException gone) {
      return;
    }
    trees.delete(here);
  }
}
