package io.gantry.image.archive;

import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Node;
import io.gantry.image.tree.Timestamp;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a layer's directory, as overlayfs has it, as the archive that images have for a layer (OCI
 * image specification, "Image Layer Filesystem Changeset"). A file's further names become hard
 * links; sockets, which nobody could connect to, are left out. Confined to one thread.
 */
public final class LayerArchive {
  private static final String WHITEOUT = ".wh.";
  private static final String OPAQUE = ".wh..wh..opq";
  private static final String REDIRECT = "trusted.overlay.redirect";

  /**
   * What of a layer is written otherwise than it is.
   *
   * @param latest later times become this one
   * @param stubs paths that were made for something to be mounted there; they are left out if they
   *     are empty
   */
  public record Form(Optional<Timestamp> latest, Set<String> stubs) {
    /** All as it is. */
    public static final Form PLAIN = new Form(Optional.empty(), Set.of());

    public Form {
      stubs = Set.copyOf(stubs);
    }

    /** A time as the archive has it. */
    public Timestamp time(Timestamp time) {
      return latest.isPresent() && isAfter(time, latest.get()) ? latest.get() : time;
    }

    private static boolean isAfter(Timestamp one, Timestamp other) {
      return one.seconds() > other.seconds()
          || one.seconds() == other.seconds() && one.nanos() > other.nanos();
    }
  }

  private final LayerTree layer;
  private final Form form;
  private final TarWriter tar;
  private final Omission omission;
  private final boolean live;
  // The path under which each file with several names was written.
  private final Map<Node.FileId, String> written = new HashMap<>();

  /** Says what of a layer is left out. */
  public interface Omission {
    boolean leavesOut(String path, Node node) throws IOException;
  }

  private LayerArchive(LayerTree layer, Form form, TarWriter tar, Omission omission, boolean live) {
    this.layer = layer;
    this.form = form;
    this.tar = tar;
    this.omission = omission;
    this.live = live;
  }

  /**
   * Writes the archive of a layer that may change meanwhile: what vanishes is left out, a file that
   * gets shorter has zeros at its end.
   */
  public static void writeLive(LayerTree layer, OutputStream to, Omission omission)
      throws IOException {
    TarWriter tar = new TarWriter(to);
    new LayerArchive(layer, Form.PLAIN, tar, omission, true).directory("");
    tar.finish();
  }

  /**
   * Writes the whole archive. The tree must not change meanwhile.
   *
   * @throws IOException also if a directory was moved in a way that only the mount itself knows
   */
  public static void write(LayerTree layer, OutputStream to) throws IOException {
    write(layer, Form.PLAIN, to);
  }

  /** As {@link #write(LayerTree, OutputStream)}, in a form. */
  public static void write(LayerTree layer, Form form, OutputStream to) throws IOException {
    TarWriter tar = new TarWriter(to);
    new LayerArchive(layer, form, tar, (path, node) -> false, false).directory("");
    tar.finish();
  }

  /** Whether nothing but a mount made this. */
  private boolean isStub(String path, Node node) throws IOException {
    if (!form.stubs.contains(path)) {
      return false;
    }
    if (!node.isDirectory()) {
      return node.kind() == Node.Kind.REGULAR && node.sizeBytes() == 0;
    }
    for (String name : layer.names(path)) {
      String child = path + "/" + name;
      Optional<Node> below = layer.find(child);
      if (below.isPresent() && !isStub(child, below.get())) {
        return false;
      }
    }
    return true;
  }

  private void directory(String path) throws IOException {
    List<String> names = new ArrayList<>(layer.names(path));
    Collections.sort(names);
    for (String name : names) {
      String child = path.isEmpty() ? name : path + "/" + name;
      Optional<Node> found = layer.find(child);
      if (found.isEmpty() && !live) {
        throw new IOException(child + " vanished while read");
      }
      if (found.isEmpty() || omission.leavesOut(child, found.get())) {
        continue;
      }
      Node node = found.get();
      if (node.isWhiteout()) {
        mark(path, WHITEOUT + name);
      } else if (!isStub(child, node)) {
        member(child, node);
      }
    }
  }

  private void member(String path, Node node) throws IOException {
    Map<String, byte[]> attributes = layer.attributes(path);
    switch (node.kind()) {
      case DIRECTORY -> {
        if (attributes.containsKey(REDIRECT)) {
          throw new IOException("directory " + path + " of a lower layer was renamed in the mount");
        }
        empty(TarMember.DIRECTORY, path + "/", "", node, attributes);
        if (isOpaque(attributes)) {
          mark(path, OPAQUE);
        }
        directory(path);
      }
      case REGULAR -> file(path, node, attributes);
      case SYMBOLIC_LINK ->
          empty(TarMember.SYMBOLIC_LINK, path, layer.readLink(path), node, attributes);
      case CHARACTER_DEVICE -> empty(TarMember.CHARACTER_DEVICE, path, "", node, attributes);
      case BLOCK_DEVICE -> empty(TarMember.BLOCK_DEVICE, path, "", node, attributes);
      case FIFO -> empty(TarMember.FIFO, path, "", node, attributes);
      case SOCKET -> {}
    }
  }

  private void file(String path, Node node, Map<String, byte[]> attributes) throws IOException {
    Optional<String> first = node.shared().map(written::get);
    if (first.isPresent()) {
      empty(TarMember.HARD_LINK, path, first.get(), node, attributes);
      return;
    }
    try (InputStream content = layer.read(path)) {
      tar.member(
          header(TarMember.FILE, path, "", node, node.sizeBytes(), attributes),
          live ? new PaddedInput(content) : content);
    }
    node.shared().ifPresent(file -> written.put(file, path));
  }

  private static boolean isOpaque(Map<String, byte[]> attributes) {
    byte[] value = attributes.get(MergedTree.OPAQUE);
    return value != null && new String(value, StandardCharsets.ISO_8859_1).equals("y");
  }

  private void mark(String directory, String name) throws IOException {
    String path = directory.isEmpty() ? name : directory + "/" + name;
    tar.member(
        new TarMember(TarMember.FILE, path, "", 0, 0, 0, 0, new Timestamp(0, 0), 0, 0, Map.of()),
        InputStream.nullInputStream());
  }

  private void empty(char type, String path, String link, Node node, Map<String, byte[]> attributes)
      throws IOException {
    tar.member(header(type, path, link, node, 0, attributes), InputStream.nullInputStream());
  }

  private TarMember header(
      char type, String path, String link, Node node, long size, Map<String, byte[]> attributes) {
    Map<String, byte[]> kept = new LinkedHashMap<>(attributes);
    kept.keySet().removeIf(MergedTree::belongsToOverlay);
    return new TarMember(
        type,
        path,
        link,
        node.permissions(),
        Integer.toUnsignedLong(node.uid()),
        Integer.toUnsignedLong(node.gid()),
        size,
        form.time(node.modified()),
        node.major(),
        node.minor(),
        kept);
  }
}
