package io.gantry.image.check;

import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Node;
import io.gantry.image.tree.Timestamp;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What a layer's directory must hold: an archive is unpacked into it as onto a disk, but of each
 * file's content only a checksum stays. Confined to one thread.
 */
final class ExpectedTree implements LayerTree {

  /** One file, which may have several names. */
  static final class File {
    final Node.Kind kind;
    final Checksum content = new Checksum();
    final String target;
    final long major;
    final long minor;
    final Map<String, byte[]> attributes = new HashMap<>();
    // Absent where the archive leaves them to whoever unpacks.
    Optional<Metadata> metadata = Optional.empty();
    Optional<Timestamp> modified = Optional.empty();

    private File(Node.Kind kind, String target, long major, long minor) {
      this.kind = kind;
      this.target = target;
      this.major = major;
      this.minor = minor;
    }
  }

  private static final Timestamp UNKNOWN = new Timestamp(0, 0);

  private final Map<String, File> files = new TreeMap<>();
  private final Map<String, Set<String>> names = new HashMap<>();

  ExpectedTree() {
    files.put("", new File(Node.Kind.DIRECTORY, "", 0, 0));
    names.put("", new HashSet<>());
  }

  /** Every path with what is there, the root among them. */
  Map<String, File> files() {
    return files;
  }

  /** The names that a directory has. */
  Set<String> namesIn(String directory) {
    return names.getOrDefault(directory, Set.of());
  }

  private File get(String path) throws FileNotFoundException {
    File file = files.get(path);
    if (file == null) {
      throw new FileNotFoundException(path);
    }
    return file;
  }

  private void put(String path, File file) throws IOException {
    String parent = MergedTree.parentOf(path);
    if (get(parent).kind != Node.Kind.DIRECTORY) {
      throw new IOException(parent + " is not a directory");
    }
    if (files.putIfAbsent(path, file) != null) {
      throw new IOException(path + " exists");
    }
    if (file.kind == Node.Kind.DIRECTORY) {
      names.put(path, new HashSet<>());
    }
    names.get(parent).add(nameOf(path));
    // As the kernel does when a directory's names change.
    files.get(parent).modified = Optional.empty();
  }

  private static String nameOf(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }

  @Override
  public Optional<Node> find(String path) {
    return Optional.ofNullable(files.get(path)).map(ExpectedTree::node);
  }

  private static Node node(File file) {
    Metadata metadata = file.metadata.orElseGet(() -> new Metadata(0, 0, 0, UNKNOWN, Map.of()));
    return new Node(
        file.kind,
        metadata.uid(),
        metadata.gid(),
        metadata.permissions(),
        file.content.bytes(),
        file.modified.orElse(UNKNOWN),
        file.major,
        file.minor,
        Optional.empty());
  }

  @Override
  public List<String> names(String path) throws IOException {
    get(path);
    return new ArrayList<>(namesIn(path));
  }

  @Override
  public String readLink(String path) throws IOException {
    return get(path).target;
  }

  /** Content is not kept; whoever unpacks reads files of the layers below only. */
  @Override
  public InputStream read(String path) throws IOException {
    throw new IOException("the content of " + path + " is not kept");
  }

  @Override
  public Map<String, byte[]> attributes(String path) throws IOException {
    return Map.copyOf(get(path).attributes);
  }

  @Override
  public void makeDirectory(String path) throws IOException {
    put(path, new File(Node.Kind.DIRECTORY, "", 0, 0));
  }

  @Override
  public NewFile makeFile(String path) throws IOException {
    File file = new File(Node.Kind.REGULAR, "", 0, 0);
    put(path, file);
    return new NewFile() {
      @Override
      public void write(byte[] bytes, int offset, int length) {
        file.content.update(bytes, offset, length);
      }

      @Override
      public void skip(long bytes) {
        file.content.zeros(bytes);
      }

      @Override
      public void finish(Metadata metadata) {
        set(file, metadata);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void makeSymbolicLink(String path, String target) throws IOException {
    put(path, new File(Node.Kind.SYMBOLIC_LINK, target, 0, 0));
  }

  @Override
  public void makeSpecial(String path, Node.Kind kind, long major, long minor) throws IOException {
    put(path, new File(kind, "", major, minor));
  }

  @Override
  public void link(String existing, String path) throws IOException {
    put(path, get(existing));
  }

  @Override
  public void setMetadata(String path, Metadata metadata) throws IOException {
    set(get(path), metadata);
  }

  private static void set(File file, Metadata metadata) {
    file.metadata = Optional.of(metadata);
    file.modified = Optional.of(metadata.modified());
    file.attributes.putAll(metadata.attributes());
  }

  @Override
  public void setTime(String path, Timestamp time) throws IOException {
    get(path).modified = Optional.of(time);
  }

  @Override
  public void setAttribute(String path, String name, byte[] value) throws IOException {
    get(path).attributes.put(name, value);
  }

  @Override
  public void remove(String path) {
    if (files.remove(path) == null) {
      return;
    }
    String parent = MergedTree.parentOf(path);
    names.get(parent).remove(nameOf(path));
    files.get(parent).modified = Optional.empty();
    Set<String> below = names.remove(path);
    if (below != null) {
      for (String name : Set.copyOf(below)) {
        removeBelow(path + "/" + name);
      }
    }
  }

  private void removeBelow(String path) {
    files.remove(path);
    Set<String> below = names.remove(path);
    if (below != null) {
      below.forEach(name -> removeBelow(path + "/" + name));
    }
  }

  @Override
  public void sync() {}

  @Override
  public void close() {}
}
