package io.gantry.image.snapshot;

import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import java.io.IOException;

/** Fills a new layer's directory. */
public interface LayerFiller {

  /**
   * @param layer the empty directory
   * @param lower the layers that it will stand on
   */
  void fill(LayerTree layer, MergedTree lower) throws IOException;
}
