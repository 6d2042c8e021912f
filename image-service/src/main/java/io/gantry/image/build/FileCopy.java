package io.gantry.image.build;

import io.gantry.image.build.FileSelection.Selected;
import io.gantry.image.build.LayerContent.Entry;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Node;
import io.gantry.image.tree.Timestamp;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Puts together what a layer holds that copies files into an image. Confined to one thread, and
 * good as long as the trees are open.
 */
final class FileCopy {
  private static final int LINK_LIMIT = 40; // As the kernel's MAXSYMLINKS.

  /**
   * How files are copied.
   *
   * @param owner whom they are given to; absent: those they have
   * @param createdOwner whom directories are given to that are made on the way
   * @param excludes what of the sources is left out, by its path below each
   * @param follow whether links in the image on the way to the destination are followed
   * @param now the time of what is made
   */
  record Manner(
      Optional<Owner> owner,
      Owner createdOwner,
      Optional<FileMode> mode,
      IgnoreRules excludes,
      boolean follow,
      Timestamp now) {}

  private final MergedTree image;
  private final Manner manner;
  private final LayerContent content;

  /**
   * @param image what the layer will stand on
   */
  FileCopy(MergedTree image, Manner manner) {
    this(image, manner, new LayerContent());
  }

  private FileCopy(MergedTree image, Manner manner, LayerContent content) {
    this.image = image;
    this.manner = manner;
    this.content = content;
  }

  /** The same, for files that may keep the owners that they have. */
  FileCopy keepingOwners(boolean keep) {
    return keep
        ? new FileCopy(
            image,
            new Manner(
                Optional.empty(),
                manner.createdOwner,
                manner.mode,
                manner.excludes,
                manner.follow,
                manner.now),
            content)
        : this;
  }

  LayerContent content() {
    return content;
  }

  /** Where a path really leads in the image; what is not there yet is as it is written. */
  String resolve(String path) throws IOException {
    if (!manner.follow || image.isEmpty()) {
      return ByteNames.clean(path);
    }
    Deque<String> left = new ArrayDeque<>(Arrays.asList(path.split("/")));
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
      String child = ByteNames.join(at, name);
      Optional<MergedTree.Found> found = image.find(child);
      if (found.isEmpty() || found.get().node().kind() != Node.Kind.SYMBOLIC_LINK) {
        at = child;
        continue;
      }
      if (++links > LINK_LIMIT) {
        throw new BuildException(
            "/" + ByteNames.shown(path) + " leads through too many symbolic links in the image");
      }
      String target = found.get().layer().readLink(child);
      at = target.startsWith("/") ? "" : at;
      List<String> components = Arrays.asList(target.split("/"));
      for (int i = components.size() - 1; i >= 0; i--) {
        left.push(components.get(i));
      }
    }
    return at;
  }

  /** Whether the image, or the layer so far, has a directory there. */
  boolean isDirectory(String path) throws IOException {
    if (path.isEmpty()) {
      return true;
    }
    Optional<Entry> made = content.find(path);
    if (made.isPresent()) {
      return made.get().isDirectory();
    }
    return below(path).map(found -> found.node().isDirectory()).orElse(false);
  }

  private Optional<MergedTree.Found> below(String path) throws IOException {
    return image.isEmpty() ? Optional.empty() : image.find(path);
  }

  /** Copies one thing to where it is to be: a directory's content into that directory. */
  void copy(Selected source, String destination) throws IOException {
    if (source.node().isDirectory()) {
      tree(source.tree(), source.path(), destination, "");
    } else if (!manner.excludes.leavesOut(source.name())) {
      parents(destination);
      file(source.tree(), source.path(), source.node(), destination);
    }
  }

  private void tree(MergedTree tree, String path, String destination, String below)
      throws IOException {
    String real = resolve(destination);
    if (!isDirectory(real)) {
      parents(real);
      refuseFile(real);
      MergedTree.Found found = tree.find(path).orElseThrow(() -> vanished(path));
      content.put(real, Entry.directory(metadata(found)));
    }
    for (String name : tree.names(path)) {
      String child = ByteNames.join(path, name);
      String relative = ByteNames.join(below, name);
      if (manner.excludes.leavesOut(relative)) {
        continue;
      }
      Node node = tree.find(child).orElseThrow(() -> vanished(child)).node();
      String target = ByteNames.join(real, name);
      if (node.isDirectory()) {
        tree(tree, child, target, relative);
      } else {
        file(tree, child, node, target);
      }
    }
  }

  private static IOException vanished(String path) {
    return new IOException(ByteNames.shown(path) + " vanished while it was copied");
  }

  private void refuseFile(String path) throws IOException {
    boolean file =
        content.find(path).isPresent()
            || below(path).filter(found -> !found.node().isDirectory()).isPresent();
    if (file && manner.follow) {
      throw new BuildException(
          "a directory cannot be copied to /" + ByteNames.shown(path) + ", which is a file");
    }
  }

  private void file(MergedTree tree, String path, Node node, String destination)
      throws IOException {
    if (node.kind() == Node.Kind.SOCKET) {
      return;
    }
    if (isDirectory(destination)) {
      throw new BuildException(
          "a file cannot be copied to /" + ByteNames.shown(destination) + ", which is a directory");
    }
    MergedTree.Found found = tree.find(path).orElseThrow(() -> vanished(path));
    boolean link = node.kind() == Node.Kind.SYMBOLIC_LINK;
    content.put(
        destination,
        new Entry(
            node.kind(),
            metadata(found),
            node.kind() == Node.Kind.REGULAR ? node.sizeBytes() : 0,
            link ? found.layer().readLink(found.path()) : "",
            node.major(),
            node.minor(),
            node.kind() == Node.Kind.REGULAR
                ? () -> found.layer().read(found.path())
                : InputStream::nullInputStream));
  }

  /** Adds a file that is none yet. */
  void file(String destination, byte[] bytes, int permissions, Timestamp modified)
      throws IOException {
    file(destination, permissions, modified, bytes.length, () -> new ByteArrayInputStream(bytes));
  }

  void file(
      String destination,
      int permissions,
      Timestamp modified,
      long sizeBytes,
      LayerContent.Content bytes)
      throws IOException {
    parents(destination);
    if (isDirectory(destination)) {
      throw new BuildException(
          "a file cannot be copied to /" + ByteNames.shown(destination) + ", which is a directory");
    }
    Owner owner = manner.owner.orElse(Owner.ROOT);
    int mode = manner.mode.map(change -> change.apply(permissions, false)).orElse(permissions);
    content.put(
        destination,
        Entry.file(
            new Metadata(owner.uid(), owner.gid(), mode, modified, Map.of()), sizeBytes, bytes));
  }

  private Metadata metadata(MergedTree.Found found) throws IOException {
    Metadata own = found.metadata();
    Owner owner = manner.owner.orElse(new Owner(own.uid(), own.gid()));
    boolean link = found.node().kind() == Node.Kind.SYMBOLIC_LINK;
    int mode =
        manner.mode.isEmpty() || link
            ? own.permissions()
            : manner.mode.get().apply(own.permissions(), found.node().isDirectory());
    return new Metadata(owner.uid(), owner.gid(), mode, own.modified(), own.attributes());
  }

  /** Makes the directories on the way to a path that are not there. */
  void parents(String path) throws IOException {
    directories(MergedTree.parentOf(path));
  }

  /** Makes a directory and those on the way to it, where they are not there. */
  void directories(String path) throws IOException {
    List<String> missing = new ArrayList<>();
    for (String at = path; !isDirectory(at); at = MergedTree.parentOf(at)) {
      refuseFile(at);
      missing.add(0, at);
    }
    Owner owner = manner.createdOwner;
    for (String directory : missing) {
      content.put(
          directory,
          Entry.directory(new Metadata(owner.uid(), owner.gid(), 0755, manner.now, Map.of())));
    }
  }

  /** Makes the directories on the way as the source has them. */
  void parentsLike(Selected source, String destination) throws IOException {
    String below = source.below();
    for (int slash = below.indexOf('/'); slash > 0; slash = below.indexOf('/', slash + 1)) {
      String directory = ByteNames.join(destination, below.substring(0, slash));
      int up = below.length() - slash;
      String original =
          source.path().length() > up
              ? source.path().substring(0, source.path().length() - up)
              : "";
      Optional<MergedTree.Found> found = source.tree().find(original);
      if (!isDirectory(directory) && found.isPresent() && found.get().node().isDirectory()) {
        parents(directory);
        content.put(directory, Entry.directory(metadata(found.get())));
      }
    }
  }
}
