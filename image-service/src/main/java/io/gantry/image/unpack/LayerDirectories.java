package io.gantry.image.unpack;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import io.gantry.image.failure.ImageException;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Node;
import io.gantry.image.tree.Timestamp;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The directories of a layer that is being unpacked: finds where a member's parent really is, makes
 * what is missing as the layers below have it, and remembers what can only be set once the
 * directories' contents are complete.
 */
final class LayerDirectories {

  private static final int LINK_LIMIT = 40; // As the kernel's MAXSYMLINKS.
  private static final Metadata DEFAULT = new Metadata(0, 0, 0755, new Timestamp(0, 0), Map.of());

  private final LayerTree layer;
  private final MergedTree lower;
  // Directories of this layer that are known to be there and not links.
  private final Set<String> known = new HashSet<>(Set.of(""));
  private final Map<String, Timestamp> times = new HashMap<>();
  // Paths that this layer's whiteouts name, and directories that it declares opaque.
  private final Set<String> whiteouts = new HashSet<>();
  private final Set<String> opaque = new HashSet<>();
  private boolean newRoot;

  LayerDirectories(LayerTree layer, MergedTree lower) {
    this.layer = layer;
    this.lower = lower;
  }

  /** Says that the root is just made, and not what a layer had already. */
  void begin() {
    newRoot = true;
  }

  /**
   * The real path of a directory, made if it is missing. Links among its components, in this layer
   * or below, are followed by name and stay inside the root, as they would in the finished root
   * filesystem; the file system itself is never asked to follow one.
   */
  String make(List<String> components) throws IOException {
    Deque<String> left = new ArrayDeque<>(components);
    String at = "";
    int links = 0;
    while (!left.isEmpty()) {
      String name = left.pop();
      if (name.isEmpty() || name.equals(".")) {
        continue;
      }
      if (name.equals("..")) {
        at = MergedTree.parentOf(at);
        continue;
      }
      String child = join(at, name);
      if (known.contains(child)) {
        at = child;
        continue;
      }
      Optional<String> link = enter(child);
      if (link.isEmpty()) {
        at = child;
        continue;
      }
      if (++links > LINK_LIMIT) {
        throw new ImageException(
            CORRUPT, "its directory leads through more than " + LINK_LIMIT + " symbolic links");
      }
      at = link.get().startsWith("/") ? "" : at;
      List<String> target = Arrays.asList(link.get().split("/"));
      for (int i = target.size() - 1; i >= 0; i--) {
        left.push(target.get(i));
      }
    }
    return at;
  }

  /**
   * Makes sure that a directory is there.
   *
   * @return the target, if there is a symbolic link instead
   */
  private Optional<String> enter(String path) throws IOException {
    Optional<Node> node = layer.find(path);
    if (node.isPresent()) {
      return switch (node.get().kind()) {
        case DIRECTORY -> {
          known.add(path);
          yield Optional.empty();
        }
        case SYMBOLIC_LINK -> Optional.of(layer.readLink(path));
        default -> throw new ImageException(CORRUPT, EntryPath.shown(path) + " is not a directory");
      };
    }
    Optional<MergedTree.Found> below = below(path);
    if (below.isPresent() && below.get().node().kind() == Node.Kind.SYMBOLIC_LINK) {
      return Optional.of(below.get().layer().readLink(path));
    }
    layer.makeDirectory(path);
    known.add(path);
    if (below.isPresent() && below.get().node().isDirectory()) {
      copyMetadata(below.get());
    } else {
      useDefault(path);
    }
    return Optional.empty();
  }

  /** For a directory that no archive describes; the same wherever and whenever it is unpacked. */
  private void useDefault(String path) throws IOException {
    layer.setMetadata(path, DEFAULT);
    times.put(path, DEFAULT.modified());
  }

  /**
   * In the merged view the upper directory's metadata are what counts, so a directory that is only
   * passed through must have the lower one's.
   */
  private void copyMetadata(MergedTree.Found below) throws IOException {
    layer.setMetadata(below.path(), below.metadata());
    times.put(below.path(), below.node().modified());
  }

  /** What the layers below have at a path, unless this layer has hidden it so far. */
  Optional<MergedTree.Found> below(String path) throws IOException {
    boolean hidden = lower.isEmpty() || whiteouts.contains(path) || isHiddenAbove(path);
    return hidden ? Optional.empty() : lower.find(path);
  }

  /** Notes that a directory is there and when it is to have been modified. */
  void made(String path, Timestamp modified) {
    known.add(path);
    times.put(path, modified);
  }

  /** Removes whatever this layer has at a path. */
  void remove(String path) throws IOException {
    layer.remove(path);
    // Whatever is known below a directory, the directory itself is known; so most removals end
    // here.
    if (known.contains(path)) {
      known.removeIf(directory -> isAtOrBelow(directory, path));
      times.keySet().removeIf(directory -> isAtOrBelow(directory, path));
    }
  }

  private static boolean isAtOrBelow(String path, String top) {
    return path.startsWith(top)
        && (path.length() == top.length() || path.charAt(top.length()) == '/');
  }

  void whiteout(String path) {
    whiteouts.add(path);
  }

  void opaque(String path) {
    opaque.add(path);
  }

  /**
   * Puts in place what waits for the end: the marks that hide lower layers, since they count from
   * the layer's first member on wherever they stand (OCI image specification, layer.md,
   * "Whiteouts"), and the times that adding names would have changed.
   */
  void finish() throws IOException {
    if (newRoot && !times.containsKey("")) {
      root();
    }
    if (!lower.isEmpty()) {
      if (opaque.remove("")) {
        // overlayfs does not look for the mark at a layer's root, so each name below is hidden.
        whiteouts.addAll(lower.names(""));
      }
      for (String directory : opaque) {
        hideBelow(directory);
      }
      for (String path : whiteouts) {
        hide(path);
      }
    }
    for (Map.Entry<String, Timestamp> directory : times.entrySet()) {
      layer.setTime(directory.getKey(), directory.getValue());
    }
  }

  /** A root that no member describes is like any directory that is passed through. */
  private void root() throws IOException {
    Optional<MergedTree.Found> below = lower.find("");
    if (below.isPresent()) {
      copyMetadata(below.get());
    } else {
      useDefault("");
    }
  }

  private void hideBelow(String directory) throws IOException {
    Optional<Node> node = layer.find(directory);
    if (node.isPresent() && node.get().isDirectory()) {
      layer.setAttribute(directory, MergedTree.OPAQUE, new byte[] {'y'});
    }
  }

  private void hide(String path) throws IOException {
    Optional<Node> own = layer.find(path);
    if (own.isPresent()) {
      if (own.get().isDirectory()) {
        // Removed below and made anew here: what is below must not shine through.
        hideBelow(path);
      }
      return;
    }
    String parent = MergedTree.parentOf(path);
    Optional<Node> directory = parent.isEmpty() ? Optional.empty() : layer.find(parent);
    boolean parentIsThere =
        parent.isEmpty() || directory.isPresent() && directory.get().isDirectory();
    // A mark that hides nothing would be seen as a device where the directory is not merged.
    if (parentIsThere && isVisibleBelow(path)) {
      layer.makeSpecial(path, Node.Kind.CHARACTER_DEVICE, 0, 0);
    }
  }

  private boolean isVisibleBelow(String path) throws IOException {
    return !isHiddenAbove(path) && lower.find(path).isPresent();
  }

  /** Whether this layer hides what the layers below have in a directory above the path. */
  private boolean isHiddenAbove(String path) {
    String parent = path;
    while (!parent.isEmpty()) {
      parent = MergedTree.parentOf(parent);
      if (opaque.contains(parent) || whiteouts.contains(parent)) {
        return true;
      }
    }
    return false;
  }

  static String join(String directory, String name) {
    return directory.isEmpty() ? name : directory + "/" + name;
  }
}
