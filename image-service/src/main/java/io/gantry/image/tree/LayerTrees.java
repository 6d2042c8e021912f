package io.gantry.image.tree;

import java.io.IOException;
import java.nio.file.Path;

/** Opens layers' directories and does to whole trees what must not follow links. Thread-safe. */
public interface LayerTrees {

  /** Opens a directory that is there; the caller closes it. */
  LayerTree open(Path directory) throws IOException;

  /**
   * Deletes a directory and everything below, leaving alone what links point to. Deleting what is
   * not there succeeds.
   */
  void delete(Path directory) throws IOException;

  /**
   * What a directory and everything below take on disk, a file with several names counted once.
   * What vanishes meanwhile is left out.
   */
  DiskUsage usage(Path directory) throws IOException;
}
