package io.gantry.image.snapshot;

import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Node;
import java.io.IOException;
import java.io.InputStream;

/** Copies a directory of stacked layers into another, with owners, modes, times and attributes. */
final class TreeCopy {
  private final MergedTree from;
  private final LayerTree to;
  private final byte[] buffer = new byte[64 << 10];

  private TreeCopy(MergedTree from, LayerTree to) {
    this.from = from;
    this.to = to;
  }

  /**
   * @param to empty; becomes as the directory is
   */
  static void copy(MergedTree from, MergedTree.Found directory, LayerTree to) throws IOException {
    new TreeCopy(from, to).directory(directory.path(), "", directory.metadata());
    to.sync();
  }

  private void directory(String source, String target, Metadata metadata) throws IOException {
    for (String name : from.names(source)) {
      String child = source.isEmpty() ? name : source + "/" + name;
      MergedTree.Found found =
          from.find(child).orElseThrow(() -> new IOException(child + " vanished while read"));
      one(found, target.isEmpty() ? name : target + "/" + name);
    }
    // Last: names that are added change the time.
    to.setMetadata(target, metadata);
  }

  private void one(MergedTree.Found found, String target) throws IOException {
    Node node = found.node();
    switch (node.kind()) {
      case DIRECTORY -> {
        to.makeDirectory(target);
        directory(found.path(), target, found.metadata());
      }
      case REGULAR -> file(found, target);
      case SYMBOLIC_LINK -> {
        to.makeSymbolicLink(target, found.layer().readLink(found.path()));
        to.setMetadata(target, found.metadata());
      }
      case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> {
        to.makeSpecial(target, node.kind(), node.major(), node.minor());
        to.setMetadata(target, found.metadata());
      }
      case SOCKET -> {}
    }
  }

  private void file(MergedTree.Found found, String target) throws IOException {
    try (InputStream in = found.layer().read(found.path());
        LayerTree.NewFile out = to.makeFile(target)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
      }
      out.finish(found.metadata());
    }
  }
}
