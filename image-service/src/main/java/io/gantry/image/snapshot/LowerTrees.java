package io.gantry.image.snapshot;

import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.LayerTrees;
import io.gantry.image.tree.MergedTree;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The layers below one that is being made, opened when they are first looked at. */
final class LowerTrees implements MergedTree.Layers, Closeable {

  /** Finds the layers' directories, top first. */
  interface Directories {
    List<Path> find() throws IOException;
  }

  private final LayerTrees port;
  private final LowerReady ready;
  private final Directories directories;
  private Optional<OpenTrees> opened = Optional.empty();

  LowerTrees(LayerTrees port, LowerReady ready, Directories directories) {
    this.port = port;
    this.ready = ready;
    this.directories = directories;
  }

  @Override
  public List<LayerTree> open() throws IOException {
    if (opened.isEmpty()) {
      ready.await();
      opened = Optional.of(OpenTrees.open(port, directories.find()));
    }
    return opened.get().trees();
  }

  @Override
  public void close() throws IOException {
    if (opened.isPresent()) {
      opened.get().close();
    }
  }
}
