package io.gantry.image.archive;

import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Node;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A tree of files to be read, by paths as {@link LayerTree} has them. Confined to one thread. What
 * vanishes while it is read is not there.
 */
public interface ReadableTree {
  Optional<Node> find(String path) throws IOException;

  Collection<String> names(String path) throws IOException;

  String readLink(String path) throws IOException;

  InputStream read(String path) throws IOException;

  /** Its extended attributes without those by which overlayfs marks its own layers. */
  Map<String, byte[]> attributes(String path) throws IOException;

  /** A directory as it is. */
  static ReadableTree of(LayerTree tree) {
    return new ReadableTree() {
      @Override
      public Optional<Node> find(String path) throws IOException {
        return tree.find(path);
      }

      @Override
      public Collection<String> names(String path) throws IOException {
        return tree.names(path);
      }

      @Override
      public String readLink(String path) throws IOException {
        return tree.readLink(path);
      }

      @Override
      public InputStream read(String path) throws IOException {
        return tree.read(path);
      }

      @Override
      public Map<String, byte[]> attributes(String path) throws IOException {
        Map<String, byte[]> all = new HashMap<>(tree.attributes(path));
        all.keySet().removeIf(MergedTree::belongsToOverlay);
        return all;
      }
    };
  }

  /** Layers as overlayfs shows them. */
  static ReadableTree of(MergedTree tree) {
    return new ReadableTree() {
      @Override
      public Optional<Node> find(String path) throws IOException {
        return tree.find(path).map(MergedTree.Found::node);
      }

      @Override
      public Collection<String> names(String path) throws IOException {
        return tree.names(path);
      }

      @Override
      public String readLink(String path) throws IOException {
        return found(path).layer().readLink(path);
      }

      @Override
      public InputStream read(String path) throws IOException {
        return found(path).layer().read(path);
      }

      @Override
      public Map<String, byte[]> attributes(String path) throws IOException {
        return found(path).metadata().attributes();
      }

      private MergedTree.Found found(String path) throws IOException {
        return tree.find(path).orElseThrow(() -> new IOException(path + " vanished while read"));
      }
    };
  }
}
