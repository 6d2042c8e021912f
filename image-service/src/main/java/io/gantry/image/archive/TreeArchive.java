package io.gantry.image.archive;

import io.gantry.image.tree.Node;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Writes what is at a path of a tree, with all below it, as an archive. A file's further names
 * become hard links; sockets, which nobody could connect to, are left out. Confined to one thread.
 */
public final class TreeArchive {
  private final ReadableTree tree;
  private final TarWriter tar;
  // The name in the archive under which each file with several names was written.
  private final Map<Node.FileId, String> written = new HashMap<>();

  private TreeArchive(ReadableTree tree, TarWriter tar) {
    this.tree = tree;
    this.tar = tar;
  }

  /**
   * Writes the whole archive. The tree may change meanwhile: what vanishes is left out, a file that
   * gets shorter has zeros at its end.
   *
   * @param path relative to the tree's root; no link is followed
   * @param name what the members' names begin with, one character per byte; empty for a directory
   *     whose content alone is wanted
   * @param to not closed
   */
  public static void write(ReadableTree tree, String path, String name, OutputStream to)
      throws IOException {
    TarWriter tar = new TarWriter(to);
    new TreeArchive(tree, tar).member(path, name);
    tar.finish();
  }

  private void member(String path, String name) throws IOException {
    Optional<Node> found = tree.find(path);
    if (found.isEmpty()) {
      return;
    }
    Node node = found.get();
    switch (node.kind()) {
      case DIRECTORY -> directory(path, name, node);
      case REGULAR -> file(path, name, node);
      case SYMBOLIC_LINK -> {
        Optional<String> target = link(path);
        if (target.isPresent()) {
          empty(TarMember.SYMBOLIC_LINK, path, name, target.get(), node);
        }
      }
      case CHARACTER_DEVICE -> empty(TarMember.CHARACTER_DEVICE, path, name, "", node);
      case BLOCK_DEVICE -> empty(TarMember.BLOCK_DEVICE, path, name, "", node);
      case FIFO -> empty(TarMember.FIFO, path, name, "", node);
      case SOCKET -> {}
    }
  }

  private void directory(String path, String name, Node node) throws IOException {
    empty(TarMember.DIRECTORY, path, name.isEmpty() ? "./" : name + "/", "", node);
    List<String> names;
    try {
      names = new ArrayList<>(tree.names(path));
    } catch (IOException e) {
      unlessGone(path, e);
      return;
    }
    Collections.sort(names);
    for (String child : names) {
      member(
          path.isEmpty() ? child : path + "/" + child, name.isEmpty() ? child : name + "/" + child);
    }
  }

  private void file(String path, String name, Node node) throws IOException {
    Optional<String> first = node.shared().map(written::get);
    if (first.isPresent()) {
      empty(TarMember.HARD_LINK, path, name, first.get(), node);
      return;
    }
    InputStream content;
    try {
      content = tree.read(path);
    } catch (IOException e) {
      unlessGone(path, e);
      return;
    }
    try (content) {
      tar.member(
          header(TarMember.FILE, name, "", node, node.sizeBytes(), attributes(path)),
          new PaddedInput(content));
    }
    node.shared().ifPresent(file -> written.put(file, name));
  }

  private Optional<String> link(String path) throws IOException {
    try {
      return Optional.of(tree.readLink(path));
    } catch (IOException e) {
      unlessGone(path, e);
      return Optional.empty();
    }
  }

  private void unlessGone(String path, IOException failure) throws IOException {
    if (tree.find(path).isPresent()) {
      throw failure;
    }
  }

  private Map<String, byte[]> attributes(String path) throws IOException {
    try {
      return tree.attributes(path);
    } catch (IOException e) {
      unlessGone(path, e);
      return Map.of();
    }
  }

  private void empty(char type, String path, String name, String link, Node node)
      throws IOException {
    tar.member(header(type, name, link, node, 0, attributes(path)), InputStream.nullInputStream());
  }

  private static TarMember header(
      char type, String name, String link, Node node, long size, Map<String, byte[]> attributes) {
    return new TarMember(
        type,
        name,
        link,
        node.permissions(),
        Integer.toUnsignedLong(node.uid()),
        Integer.toUnsignedLong(node.gid()),
        size,
        node.modified(),
        node.major(),
        node.minor(),
        attributes);
  }
}
