package io.gantry.image.tree;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * A layer's directory in memory, as strict as the kernel: parents must be real directories, names
 * must be free. Prints itself one line per path, for tests to compare.
 */
public final class MemoryTree implements LayerTree {

  private static final class File {
    Node.Kind kind;
    byte[] content = new byte[0];
    String target = "";
    long major;
    long minor;
    Metadata metadata = new Metadata(0, 0, 0, new Timestamp(0, 0), Map.of());
    final Map<String, byte[]> attributes = new TreeMap<>();

    File(Node.Kind kind) {
      this.kind = kind;
    }
  }

  private static final Timestamp NOW = new Timestamp(9_999_999, 0);

  private final TreeMap<String, File> files = new TreeMap<>();
  private int syncs;

  public MemoryTree() {
    files.put("", new File(Node.Kind.DIRECTORY));
  }

  public int syncs() {
    return syncs;
  }

  private File get(String path) throws IOException {
    checkParents(path);
    File file = files.get(path);
    if (file == null) {
      throw new FileNotFoundException(path);
    }
    return file;
  }

  private void checkParents(String path) throws IOException {
    String parent = path;
    while (!parent.isEmpty()) {
      parent = MergedTree.parentOf(parent);
      File directory = files.get(parent);
      if (directory == null) {
        throw new FileNotFoundException(parent + " in " + path);
      }
      if (directory.kind != Node.Kind.DIRECTORY) {
        throw new IOException(parent + " is not a directory, in " + path);
      }
    }
  }

  private void put(String path, File file) throws IOException {
    checkParents(path);
    for (String part : path.split("/", -1)) {
      if (part.isEmpty()
          || part.equals(".")
          || part.equals("..")
          || part.indexOf('\0') >= 0
          || part.length() > 255) {
        throw new IOException("not a name: " + part);
      }
    }
    if (files.putIfAbsent(path, file) != null) {
      throw new IOException(path + " exists");
    }
    touch(MergedTree.parentOf(path));
  }

  /** As the kernel does when a directory's names change. */
  private void touch(String directory) throws IOException {
    setTime(directory, NOW);
  }

  @Override
  public Optional<Node> find(String path) {
    String parent = path;
    while (!parent.isEmpty()) {
      parent = MergedTree.parentOf(parent);
      if (!files.containsKey(parent) || files.get(parent).kind != Node.Kind.DIRECTORY) {
        return Optional.empty();
      }
    }
    return Optional.ofNullable(files.get(path)).map(this::node);
  }

  private Node node(File file) {
    Metadata m = file.metadata;
    return new Node(
        file.kind,
        m.uid(),
        m.gid(),
        m.permissions(),
        file.content.length,
        m.modified(),
        file.major,
        file.minor,
        shared(file));
  }

  private Optional<Node.FileId> shared(File file) {
    boolean several =
        file.kind == Node.Kind.REGULAR
            && files.values().stream().filter(other -> other == file).count() > 1;
    return several
        ? Optional.of(new Node.FileId(0, System.identityHashCode(file)))
        : Optional.empty();
  }

  @Override
  public List<String> names(String path) throws IOException {
    get(path);
    List<String> names = new ArrayList<>();
    for (String other : files.keySet()) {
      if (!other.isEmpty() && MergedTree.parentOf(other).equals(path)) {
        names.add(other.substring(other.lastIndexOf('/') + 1));
      }
    }
    return names;
  }

  @Override
  public String readLink(String path) throws IOException {
    return get(path).target;
  }

  @Override
  public InputStream read(String path) throws IOException {
    return new ByteArrayInputStream(get(path).content);
  }

  @Override
  public Map<String, byte[]> attributes(String path) throws IOException {
    return new LinkedHashMap<>(get(path).attributes);
  }

  @Override
  public void makeDirectory(String path) throws IOException {
    put(path, new File(Node.Kind.DIRECTORY));
  }

  @Override
  public NewFile makeFile(String path) throws IOException {
    File file = new File(Node.Kind.REGULAR);
    put(path, file);
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    return new NewFile() {
      @Override
      public void write(byte[] bytes, int offset, int length) {
        content.write(bytes, offset, length);
      }

      @Override
      public void skip(long bytes) {
        content.writeBytes(new byte[Math.toIntExact(bytes)]);
      }

      @Override
      public void finish(Metadata metadata) throws IOException {
        file.content = content.toByteArray();
        setMetadata(path, metadata);
      }

      @Override
      public void close() {}
    };
  }

  @Override
  public void makeSymbolicLink(String path, String target) throws IOException {
    File link = new File(Node.Kind.SYMBOLIC_LINK);
    link.target = target;
    put(path, link);
  }

  @Override
  public void makeSpecial(String path, Node.Kind kind, long major, long minor) throws IOException {
    File special = new File(kind);
    special.major = major;
    special.minor = minor;
    put(path, special);
  }

  @Override
  public void link(String existing, String path) throws IOException {
    File file = get(existing);
    if (file.kind == Node.Kind.DIRECTORY) {
      throw new IOException("hard link to a directory: " + existing);
    }
    put(path, file);
  }

  @Override
  public void setMetadata(String path, Metadata metadata) throws IOException {
    File file = get(path);
    file.metadata = metadata;
    file.attributes.putAll(metadata.attributes());
  }

  @Override
  public void setTime(String path, Timestamp time) throws IOException {
    Metadata m = get(path).metadata;
    files.get(path).metadata =
        new Metadata(m.uid(), m.gid(), m.permissions(), time, m.attributes());
  }

  @Override
  public void setAttribute(String path, String name, byte[] value) throws IOException {
    get(path).attributes.put(name, value);
  }

  @Override
  public void remove(String path) {
    files.remove(path);
    files.keySet().removeIf(other -> other.startsWith(path + "/"));
  }

  @Override
  public void sync() {
    syncs++;
  }

  @Override
  public void close() {}

  /** How many paths there are, the root not counted. */
  public int size() {
    return files.size() - 1;
  }

  /** What a path holds, in words: kind, owner, permissions, time, content or target, attributes. */
  public String describe(String path) throws IOException {
    File file = get(path);
    Metadata m = file.metadata;
    String what =
        switch (file.kind) {
          case REGULAR -> " '" + new String(file.content, StandardCharsets.ISO_8859_1) + "'";
          case SYMBOLIC_LINK -> " -> " + file.target;
          case CHARACTER_DEVICE, BLOCK_DEVICE -> " " + file.major + ":" + file.minor;
          case DIRECTORY, FIFO, SOCKET -> "";
        };
    if (node(file).isWhiteout()) {
      return "whiteout";
    }
    StringBuilder words = new StringBuilder();
    words.append(file.kind.name().toLowerCase(Locale.ROOT)).append(' ');
    words
        .append(m.uid())
        .append(':')
        .append(m.gid())
        .append(' ')
        .append(Integer.toOctalString(m.permissions()));
    words.append(" @").append(m.modified().seconds()).append(what);
    file.attributes.forEach(
        (name, value) ->
            words
                .append(' ')
                .append(name)
                .append('=')
                .append(new String(value, StandardCharsets.ISO_8859_1)));
    return words.toString();
  }

  /** All paths. */
  public List<String> paths() {
    return files.keySet().stream().filter(path -> !path.isEmpty()).toList();
  }
}
