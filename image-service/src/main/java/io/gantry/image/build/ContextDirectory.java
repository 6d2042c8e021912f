package io.gantry.image.build;

import io.gantry.image.ImageWorkshop;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Node;
import io.gantry.image.work.Cancellation;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A build's context, unpacked into a directory of its own. Nothing in the archive reaches anything
 * outside of it: it is written by the rules for layers, and read without following links.
 */
final class ContextDirectory implements Closeable {
  private static final int SMALL_FILE_BYTES = 4 << 20;

  private final ImageWorkshop workshop;
  private final Path directory;

  private ContextDirectory(ImageWorkshop workshop, Path directory) {
    this.workshop = workshop;
    this.directory = directory;
  }

  /** Makes one of an archive. */
  static ContextDirectory unpack(
      ImageWorkshop workshop, Path directory, InputStream archive, Cancellation cancellation)
      throws IOException {
    Files.createDirectory(directory);
    ContextDirectory context = new ContextDirectory(workshop, directory);
    try (LayerTree tree = workshop.trees().open(directory)) {
      workshop.unpacker().unpackFiles(archive, "the build context", tree, cancellation);
      return context;
    } catch (IOException | RuntimeException e) {
      context.close();
      throw e;
    }
  }

  /** Makes one with one file in it, or with none. */
  static ContextDirectory of(ImageWorkshop workshop, Path directory, String name, byte[] content)
      throws IOException {
    Files.createDirectory(directory);
    if (!name.isEmpty()) {
      Files.write(directory.resolve(name), content);
    }
    return new ContextDirectory(workshop, directory);
  }

  Path directory() {
    return directory;
  }

  /**
   * A small file's content; nothing if it is not there.
   *
   * @param path as people write it
   */
  Optional<byte[]> read(String path) throws IOException {
    String name = ByteNames.clean(ByteNames.of(path));
    try (LayerTree tree = workshop.trees().open(directory)) {
      MergedTree merged = new MergedTree(List.of(tree));
      Optional<MergedTree.Found> found = merged.follow(name);
      if (found.isEmpty() || found.get().node().kind() != Node.Kind.REGULAR) {
        return Optional.empty();
      }
      if (found.get().node().sizeBytes() > SMALL_FILE_BYTES) {
        throw new BuildException(path + " is larger than " + SMALL_FILE_BYTES + " bytes");
      }
      try (InputStream in = tree.read(found.get().path())) {
        return Optional.of(in.readAllBytes());
      }
    }
  }

  /** Removes what the rules leave out. */
  void prune(IgnoreRules rules) throws IOException {
    if (rules.isEmpty()) {
      return;
    }
    try (LayerTree tree = workshop.trees().open(directory)) {
      prune(tree, "", rules);
    }
  }

  /** Returns whether anything is left. */
  private static boolean prune(LayerTree tree, String path, IgnoreRules rules) throws IOException {
    boolean left = false;
    for (String name : tree.names(path)) {
      String child = ByteNames.join(path, name);
      boolean out = rules.leavesOut(child);
      boolean isDirectory = tree.find(child).map(Node::isDirectory).orElse(false);
      if (isDirectory && (!out || rules.hasExceptions())) {
        boolean some = prune(tree, child, rules);
        out = out && !some;
      }
      if (out) {
        tree.remove(child);
      }
      left |= !out;
    }
    return left;
  }

  @Override
  public void close() throws IOException {
    workshop.trees().delete(directory);
  }
}
