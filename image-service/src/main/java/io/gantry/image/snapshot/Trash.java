package io.gantry.image.snapshot;

import io.gantry.image.step.Steps;
import io.gantry.image.tree.LayerTrees;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where directories go to be deleted: out of sight by one rename, then removed at leisure, by the
 * next start if need be. Deleting a large layer takes seconds, for which nobody who removes an
 * image or a container should have to wait. Thread-safe.
 */
final class Trash {

  private static final Logger log = LoggerFactory.getLogger(Trash.class);

  private final Path directory;
  private final LayerTrees trees;
  private final Executor executor;
  private final Steps steps;
  private final AtomicLong next = new AtomicLong();

  private Trash(Path directory, LayerTrees trees, Executor executor, Steps steps) {
    this.directory = directory;
    this.trees = trees;
    this.executor = executor;
    this.steps = steps;
  }

  /** Opens the trash and begins to empty it of what an earlier run left. */
  static Trash open(Path directory, LayerTrees trees, Executor executor, Steps steps)
      throws IOException {
    Files.createDirectories(directory);
    Trash trash = new Trash(directory, trees, executor, steps);
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory)) {
      for (Path one : left) {
        trash.skipName(one.getFileName().toString());
        trash.deleteLater(one);
      }
    }
    return trash;
  }

  private void skipName(String taken) {
    if (taken.matches("[0-9]{1,18}")) {
      next.accumulateAndGet(Long.parseLong(taken) + 1, Math::max);
    }
  }

  /** Removes a directory of the same file system; removing what is not there succeeds. */
  void discard(Path unwanted) throws IOException {
    Path here = directory.resolve(Long.toString(next.getAndIncrement()));
    try {
      Files.move(unwanted, here, StandardCopyOption.ATOMIC_MOVE);
    } catch (NoSuchFileException gone) {
      return;
    }
    deleteLater(here);
    steps.reach("directory discarded");
  }

  private void deleteLater(Path here) {
    try {
      executor.execute(() -> delete(here));
    } catch (RejectedExecutionException stopping) {
      log.atDebug().addKeyValue("directory", here).log("left for the next start to delete");
    }
  }

  private void delete(Path here) {
    try {
      trees.delete(here);
    } catch (IOException e) {
      log.atWarn()
          .addKeyValue("directory", here)
          .addKeyValue("reason", e.getMessage())
          .log("a removed layer cannot be deleted; the next start tries again");
    }
  }
}
