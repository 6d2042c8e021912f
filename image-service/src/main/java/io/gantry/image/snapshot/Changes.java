package io.gantry.image.snapshot;

import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Compares a writable layer with what is below it. Confined to one thread. */
final class Changes {
  /** Takes changes as they are found, which may take a while. */
  interface Sink {
    void found(LayerChange change) throws IOException;
  }

  /** What containers are given at these places is not theirs; only the mount point is. */
  private static final Set<String> MOUNT_POINTS =
      Set.of(
          "dev",
          "dev/console",
          "dev/mqueue",
          "dev/pts",
          "dev/shm",
          "etc/hostname",
          "etc/hosts",
          "etc/resolv.conf",
          "proc",
          "sys",
          "sys/fs",
          "sys/fs/cgroup");

  private static final byte[] YES = {'y'};

  private final LayerTree upper;
  private final MergedTree lower;
  private final Sink sink;

  private Changes(LayerTree upper, MergedTree lower, Sink sink) {
    this.upper = upper;
    this.lower = lower;
    this.sink = sink;
  }

  static void find(LayerTree upper, MergedTree lower, Sink sink) throws IOException {
    new Changes(upper, lower, sink).directory("", false);
  }

  /**
   * Whether something of the layer is there only for something to be mounted on, made with the
   * container and not by it.
   */
  static boolean isMountPoint(String path, Node node, LayerTree layer) throws IOException {
    if (!MOUNT_POINTS.contains(path)) {
      return false;
    }
    return switch (node.kind()) {
      case REGULAR -> node.sizeBytes() == 0;
      case DIRECTORY -> areMountPoints(path, layer);
      default -> false;
    };
  }

  private static boolean areMountPoints(String directory, LayerTree layer) throws IOException {
    for (String name : layer.names(directory)) {
      String child = directory + "/" + name;
      Optional<Node> node = layer.find(child);
      if (node.isPresent() && !isMountPoint(child, node.get(), layer)) {
        return false;
      }
    }
    return true;
  }

  /**
   * @param isNew whether nothing below counts
   */
  private void directory(String path, boolean isNew) throws IOException {
    List<String> names = new ArrayList<>(upper.names(path));
    Set<String> gone = new TreeSet<>();
    if (!isNew && isOpaque(path)) {
      gone.addAll(lower.names(path));
      names.forEach(gone::remove);
    }
    Collections.sort(names);
    for (String name : names) {
      String child = join(path, name);
      Optional<Node> node = upper.find(child);
      if (node.isPresent()) {
        entry(child, node.get(), isNew);
      }
    }
    for (String name : gone) {
      sink.found(new LayerChange(join(path, name), LayerChange.Kind.DELETED));
    }
  }

  private void entry(String path, Node node, boolean isNew) throws IOException {
    if (node.isWhiteout()) {
      sink.found(new LayerChange(path, LayerChange.Kind.DELETED));
      return;
    }
    Optional<MergedTree.Found> below = isNew ? Optional.empty() : lower.find(path);
    if (below.isEmpty() && isMountPoint(path, node, upper)) {
      return;
    }
    boolean merges = node.isDirectory() && below.isPresent() && below.get().node().isDirectory();
    if (!(merges && holdsMountPointsOnly(path, node, below.get().node()))) {
      sink.found(
          new LayerChange(
              path, below.isPresent() ? LayerChange.Kind.MODIFIED : LayerChange.Kind.ADDED));
    }
    if (node.isDirectory()) {
      directory(path, !merges);
    }
  }

  /** A directory that was copied up for a mount point, and is otherwise as it was. */
  private boolean holdsMountPointsOnly(String path, Node node, Node below) throws IOException {
    boolean same =
        node.uid() == below.uid()
            && node.gid() == below.gid()
            && node.permissions() == below.permissions();
    if (!same || MOUNT_POINTS.stream().noneMatch(point -> point.startsWith(path + "/"))) {
      return false;
    }
    for (String name : upper.names(path)) {
      String child = join(path, name);
      Optional<Node> one = upper.find(child);
      if (one.isPresent()
          && !(lower.find(child).isEmpty() && isMountPoint(child, one.get(), upper))) {
        return false;
      }
    }
    return true;
  }

  private boolean isOpaque(String path) throws IOException {
    return !path.isEmpty() && Arrays.equals(upper.attributes(path).get(MergedTree.OPAQUE), YES);
  }

  private static String join(String directory, String name) {
    return directory.isEmpty() ? name : directory + "/" + name;
  }
}
