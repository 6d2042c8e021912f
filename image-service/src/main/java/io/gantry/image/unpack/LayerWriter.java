package io.gantry.image.unpack;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import io.gantry.image.failure.ImageException;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Node;
import io.gantry.image.unpack.TarEntry.Extent;
import io.gantry.image.unpack.TarEntry.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Writes a layer's members into its directory, one after the other, in the form that overlayfs
 * stacks. Confined to one thread.
 */
final class LayerWriter {

  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  // Other names of this form are aufs's own book-keeping.
  private static final String BOOKKEEPING = ".wh..wh.";
  private static final long ID_LIMIT =
      0xFFFF_FFFEL; // The last 32-bit number means "leave as it is".

  private final LayerTree layer;
  private final LayerDirectories directories;
  private final UnpackLimits limits;
  private final boolean whiteouts;
  private final byte[] buffer = new byte[64 << 10];

  // Of files that are no layer: where they go, whose they become, what they may replace.
  private boolean plain;
  private List<String> base = List.of();
  private Optional<FileUnpacker.Owner> owner = Optional.empty();
  private boolean keepKinds;

  LayerWriter(LayerTree layer, MergedTree lower, UnpackLimits limits) {
    this(layer, lower, limits, true);
  }

  private LayerWriter(LayerTree layer, MergedTree lower, UnpackLimits limits, boolean whiteouts) {
    this.layer = layer;
    this.directories = new LayerDirectories(layer, lower);
    this.limits = limits;
    this.whiteouts = whiteouts;
  }

  /** One of archives that are no layers: names that mark whiteouts are names like others. */
  static LayerWriter ofFiles(LayerTree directory, UnpackLimits limits) {
    return new LayerWriter(directory, new MergedTree(List.of()), limits, false);
  }

  /** From now on the archive is one of files, in which no name has a meaning of its own. */
  LayerWriter forFiles(
      List<String> directory, Optional<FileUnpacker.Owner> newOwner, boolean keepsKinds) {
    plain = true;
    base = List.copyOf(directory);
    owner = newOwner;
    keepKinds = keepsKinds;
    return this;
  }

  private List<String> placed(List<String> components) {
    List<String> placed = new ArrayList<>(base);
    placed.addAll(components);
    return placed;
  }

  /** To be called before the first member of a new layer. */
  void begin() {
    directories.begin();
  }

  void write(TarEntry entry, LayerUnpacker.Content content) throws IOException {
    List<String> components = placed(EntryPath.components(entry.name(), limits.pathBytes()));
    if (components.size() == base.size()) {
      if (!plain) {
        root(entry);
      }
      return;
    }
    String name = components.get(components.size() - 1);
    List<String> parents = components.subList(0, components.size() - 1);
    if (whiteouts && !plain && name.startsWith(WHITEOUT)) {
      whiteout(name, parents);
      return;
    }
    String path = LayerDirectories.join(directories.make(parents), name);
    if (keepKinds) {
      keepKind(path, entry.kind() == Kind.DIRECTORY);
    }
    if (entry.kind() == Kind.DIRECTORY) {
      directory(path, entry);
    } else if (entry.kind() == Kind.HARD_LINK) {
      hardLink(path, entry);
    } else {
      directories.remove(path);
      make(path, entry, content);
    }
  }

  private void keepKind(String path, boolean isDirectory) throws IOException {
    Optional<Node> there = layer.find(path);
    if (there.isPresent() && there.get().isDirectory() != isDirectory) {
      throw new ImageException(
          CORRUPT,
          isDirectory
              ? "cannot overwrite non-directory with directory"
              : "cannot overwrite directory with non-directory");
    }
  }

  /** To be called after the last member. */
  void finish() throws IOException {
    directories.finish();
  }

  private void root(TarEntry entry) throws IOException {
    if (entry.kind() != Kind.DIRECTORY) {
      throw new ImageException(CORRUPT, "the root cannot be anything but a directory");
    }
    layer.setMetadata("", metadata(entry));
    directories.made("", entry.modified());
  }

  private void whiteout(String name, List<String> parents) throws IOException {
    if (name.equals(OPAQUE)) {
      directories.opaque(directories.make(parents));
      return;
    }
    if (name.startsWith(BOOKKEEPING)) {
      return;
    }
    String hidden = name.substring(WHITEOUT.length());
    if (hidden.isEmpty() || hidden.equals(".") || hidden.equals("..")) {
      throw new ImageException(CORRUPT, "it is a whiteout of nothing");
    }
    directories.whiteout(LayerDirectories.join(directories.make(parents), hidden));
  }

  private void directory(String path, TarEntry entry) throws IOException {
    Optional<Node> there = layer.find(path);
    if (there.isEmpty() || !there.get().isDirectory()) {
      directories.remove(path);
      layer.makeDirectory(path);
    }
    layer.setMetadata(path, metadata(entry));
    directories.made(path, entry.modified());
  }

  private void make(String path, TarEntry entry, LayerUnpacker.Content content) throws IOException {
    Metadata metadata = metadata(entry);
    switch (entry.kind()) {
      case REGULAR -> file(path, entry, metadata, content);
      case SYMBOLIC_LINK -> {
        if (entry.link().isEmpty()) {
          throw new ImageException(CORRUPT, "it is a symbolic link to nothing");
        }
        layer.makeSymbolicLink(path, entry.link());
        layer.setMetadata(path, metadata);
      }
      case CHARACTER_DEVICE -> special(path, Node.Kind.CHARACTER_DEVICE, entry, metadata);
      case BLOCK_DEVICE -> special(path, Node.Kind.BLOCK_DEVICE, entry, metadata);
      case FIFO -> special(path, Node.Kind.FIFO, entry, metadata);
      case DIRECTORY, HARD_LINK ->
          throw new IllegalStateException(entry.kind() + " is made elsewhere");
    }
  }

  private void special(String path, Node.Kind kind, TarEntry entry, Metadata metadata)
      throws IOException {
    if (kind == Node.Kind.CHARACTER_DEVICE && entry.major() == 0 && entry.minor() == 0) {
      if (!whiteouts) {
        throw new ImageException(CORRUPT, "a character device 0:0 cannot be in an image");
      }
      // overlayfs takes this very device for a whiteout, so it cannot be had as a device; it says
      // the same in effect.
      directories.whiteout(path);
      return;
    }
    layer.makeSpecial(path, kind, entry.major(), entry.minor());
    layer.setMetadata(path, metadata);
  }

  private void file(String path, TarEntry entry, Metadata metadata, LayerUnpacker.Content content)
      throws IOException {
    try (LayerTree.NewFile file = layer.makeFile(path)) {
      long at = 0;
      for (Extent extent : entry.data()) {
        if (extent.offset() > at) {
          file.skip(extent.offset() - at);
        }
        copy(file, content, extent.lengthBytes());
        at = extent.offset() + extent.lengthBytes();
      }
      if (entry.sizeBytes() > at) {
        file.skip(entry.sizeBytes() - at);
      }
      file.finish(metadata);
    }
  }

  private void copy(LayerTree.NewFile file, LayerUnpacker.Content content, long length)
      throws IOException {
    long left = length;
    while (left > 0) {
      int n = content.read(buffer, (int) Math.min(left, buffer.length));
      if (n < 0) {
        throw new ImageException(CORRUPT, "its content ends too early");
      }
      file.write(buffer, 0, n);
      left -= n;
    }
  }

  /**
   * Links to a file of this layer; one of a layer below is copied up first, as writing to it
   * through overlayfs would do.
   */
  private void hardLink(String path, TarEntry entry) throws IOException {
    List<String> components = placed(EntryPath.components(entry.link(), limits.pathBytes()));
    if (components.size() == base.size()) {
      throw new ImageException(CORRUPT, "it is a hard link to the root");
    }
    String parent = directories.make(components.subList(0, components.size() - 1));
    String target = LayerDirectories.join(parent, components.get(components.size() - 1));
    Optional<Node> there = layer.find(target);
    if (there.isEmpty()) {
      Optional<MergedTree.Found> below = directories.below(target);
      if (below.isEmpty()) {
        throw new ImageException(
            CORRUPT,
            "it is a hard link to " + EntryPath.shown(entry.link()) + ", which does not exist");
      }
      there = Optional.of(below.get().node());
      copyUp(below.get());
    }
    if (there.get().isDirectory() || target.equals(path)) {
      throw new ImageException(
          CORRUPT,
          "it is a hard link to "
              + EntryPath.shown(entry.link())
              + ", which is a directory or itself");
    }
    directories.remove(path);
    layer.link(target, path);
  }

  private void copyUp(MergedTree.Found below) throws IOException {
    Node node = below.node();
    String path = below.path();
    var attributes = Attributes.allowed(below.layer().attributes(path));
    Metadata metadata =
        new Metadata(node.uid(), node.gid(), node.permissions(), node.modified(), attributes);
    switch (node.kind()) {
      case REGULAR -> {
        try (InputStream in = below.layer().read(path);
            LayerTree.NewFile file = layer.makeFile(path)) {
          for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
            file.write(buffer, 0, n);
          }
          file.finish(metadata);
        }
      }
      case SYMBOLIC_LINK -> {
        layer.makeSymbolicLink(path, below.layer().readLink(path));
        layer.setMetadata(path, metadata);
      }
      case CHARACTER_DEVICE, BLOCK_DEVICE, FIFO -> {
        layer.makeSpecial(path, node.kind(), node.major(), node.minor());
        layer.setMetadata(path, metadata);
      }
      case DIRECTORY, SOCKET ->
          throw new ImageException(
              CORRUPT, "it is a hard link to a directory or socket of a layer below");
    }
  }

  private Metadata metadata(TarEntry entry) throws ImageException {
    if (entry.uid() < 0 || entry.uid() > ID_LIMIT || entry.gid() < 0 || entry.gid() > ID_LIMIT) {
      throw new ImageException(
          CORRUPT, "owner " + entry.uid() + ":" + entry.gid() + " is not a pair of 32-bit ids");
    }
    return new Metadata(
        owner.map(FileUnpacker.Owner::uid).orElse((int) entry.uid()),
        owner.map(FileUnpacker.Owner::gid).orElse((int) entry.gid()),
        entry.permissions(),
        entry.modified(),
        Attributes.allowed(entry.attributes()));
  }
}
