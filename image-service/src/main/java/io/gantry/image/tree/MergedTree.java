package io.gantry.image.tree;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * Several layers seen as one, as overlayfs shows them: the topmost that has a name wins,
 * directories merge, whiteouts and opaque directories hide what is below. Confined to one thread,
 * and the layers must not change while it is in use.
 */
public final class MergedTree {

  /** The attribute by which overlayfs knows an opaque directory. */
  public static final String OPAQUE = "trusted.overlay.opaque";

  private static final int LINK_LIMIT = 40; // As the kernel's MAXSYMLINKS.

  /** A file and the layer that it is to be had from. */
  public record Found(LayerTree layer, String path, Node node) {

    /**
     * Its metadata as a layer above may have them: without the attributes by which overlayfs marks
     * its own layers.
     */
    public Metadata metadata() throws IOException {
      Map<String, byte[]> attributes = new HashMap<>(layer.attributes(path));
      attributes.keySet().removeIf(MergedTree::belongsToOverlay);
      return new Metadata(node.uid(), node.gid(), node.permissions(), node.modified(), attributes);
    }
  }

  /**
   * Whether overlayfs reads an extended attribute as an order to itself: a layer that could set one
   * could redirect a directory to somewhere else (kernel, filesystems/overlayfs.rst).
   */
  public static boolean belongsToOverlay(String attribute) {
    return attribute.startsWith("trusted.overlay.") || attribute.startsWith("user.overlay.");
  }

  /** Gives the layers when they are first needed, which may be a while. */
  public interface Layers {
    /** The layers, top first; not closed by who asks. */
    List<LayerTree> open() throws IOException;
  }

  private final Layers layers;
  private final boolean empty;
  // For each directory looked at, the layers that it is merged from, top first; empty if it is no
  // directory.
  private final Map<String, List<LayerTree>> directories = new HashMap<>();

  private MergedTree(Layers layers, boolean empty) {
    this.layers = layers;
    this.empty = empty;
  }

  /**
   * @param layers top first; not closed by this
   */
  public MergedTree(List<LayerTree> layers) {
    this(() -> layers, layers.isEmpty());
  }

  /** One of layers that come later; at least one of them. */
  public static MergedTree later(Layers layers) {
    return new MergedTree(layers, false);
  }

  public boolean isEmpty() {
    return empty;
  }

  /** What is at a path, none of whose parents may be a symbolic link. */
  public Optional<Found> find(String path) throws IOException {
    for (LayerTree layer : layersOf(parentOf(path))) {
      Optional<Node> node = layer.find(path);
      if (node.isPresent()) {
        return node.get().isWhiteout()
            ? Optional.empty()
            : Optional.of(new Found(layer, path, node.get()));
      }
    }
    return Optional.empty();
  }

  /** Follows symbolic links, which stay inside the root, to what a path finally names. */
  public Optional<Found> follow(String path) throws IOException {
    Deque<String> left = new ArrayDeque<>(Arrays.asList(path.split("/")));
    int links = 0;
    String at = "";
    Optional<Found> found = Optional.empty();
    while (!left.isEmpty()) {
      String name = left.pop();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        at = parentOf(at);
        found = at.isEmpty() ? Optional.empty() : find(at);
        continue;
      }
      String child = at.isEmpty() ? name : at + "/" + name;
      found = find(child);
      if (found.isEmpty()) {
        return Optional.empty();
      }
      if (found.get().node().kind() != Node.Kind.SYMBOLIC_LINK) {
        at = child;
        continue;
      }
      if (++links > LINK_LIMIT) {
        return Optional.empty();
      }
      String target = found.get().layer().readLink(child);
      at = target.startsWith("/") ? "" : at;
      String[] parts = target.split("/");
      for (int i = parts.length - 1; i >= 0; i--) {
        left.push(parts[i]);
      }
      found = Optional.empty();
    }
    return found;
  }

  /** The names in a directory, none of whose parents may be a symbolic link. */
  public Set<String> names(String directory) throws IOException {
    Set<String> names = new TreeSet<>();
    for (LayerTree layer : layersOf(directory)) {
      names.addAll(layer.names(directory));
    }
    for (String name : List.copyOf(names)) {
      if (find(directory.isEmpty() ? name : directory + "/" + name).isEmpty()) {
        names.remove(name);
      }
    }
    return names;
  }

  private List<LayerTree> layersOf(String directory) throws IOException {
    List<LayerTree> known = directories.get(directory);
    if (known != null) {
      return known;
    }
    if (directory.isEmpty()) {
      List<LayerTree> all = List.copyOf(layers.open());
      directories.put("", all);
      return all;
    }
    List<LayerTree> merged = new ArrayList<>();
    for (LayerTree layer : layersOf(parentOf(directory))) {
      Optional<Node> node = layer.find(directory);
      if (node.isEmpty()) {
        continue;
      }
      if (!node.get().isDirectory()) {
        break; // A whiteout or a file hides what is below.
      }
      merged.add(layer);
      if (Arrays.equals(layer.attributes(directory).get(OPAQUE), new byte[] {'y'})) {
        break;
      }
    }
    directories.put(directory, List.copyOf(merged));
    return merged;
  }

  /** The path without its last component. */
  public static String parentOf(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }
}
