package io.gantry.cri.checkpoint;

import io.gantry.cri.grpc.CriException;
import io.gantry.image.archive.LayerArchive;
import io.gantry.image.failure.ImageException;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.LayerTrees;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.unpack.LayerUnpacker;
import io.gantry.image.unpack.UnpackLimits;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;

/**
 * The content of pods' /dev/shm as archives. What containers have put there is as hostile as any
 * layer: neither direction follows a link. Thread-safe.
 */
final class SharedMemoryFiles {
  private final LayerTrees trees;

  SharedMemoryFiles(LayerTrees trees) {
    this.trees = trees;
  }

  /** Writes all there is in {@code shm}; nobody may write to it meanwhile. */
  void save(Path shm, Path archive, TimeLimit limit) throws IOException {
    Files.createFile(archive, Archive.PRIVATE);
    try (LayerTree tree = trees.open(shm);
        OutputStream out = new BufferedOutputStream(Files.newOutputStream(archive))) {
      LayerArchive.write(tree, limit.on(out));
    }
  }

  /**
   * Fills an empty {@code shm}.
   *
   * @throws CriException INVALID_REQUEST if the archive is missing or malformed
   */
  void restore(Path archive, Path shm) throws IOException {
    if (!Files.isRegularFile(archive, LinkOption.NOFOLLOW_LINKS)) {
      throw CriException.invalid("checkpoint: " + archive + " is missing");
    }
    try (LayerTree tree = trees.open(shm);
        InputStream in = new BufferedInputStream(Files.newInputStream(archive))) {
      new LayerUnpacker(UnpackLimits.DEFAULT).apply(in, tree, new MergedTree(List.of()));
    } catch (ImageException e) {
      if (e.kind() == ImageException.Kind.CORRUPT) {
        throw CriException.invalid("checkpoint: " + archive + ": " + e.getMessage());
      }
      throw e;
    }
  }
}
