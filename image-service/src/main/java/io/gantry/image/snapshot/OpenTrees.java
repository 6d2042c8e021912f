package io.gantry.image.snapshot;

import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.LayerTrees;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Several layers' directories, opened and closed together. */
record OpenTrees(List<LayerTree> trees) implements Closeable {

  static OpenTrees open(LayerTrees port, List<Path> directories) throws IOException {
    OpenTrees opened = new OpenTrees(new ArrayList<>());
    try {
      for (Path directory : directories) {
        opened.trees.add(port.open(directory));
      }
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  @Override
  public void close() throws IOException {
    for (LayerTree tree : trees) {
      tree.close();
    }
  }
}
