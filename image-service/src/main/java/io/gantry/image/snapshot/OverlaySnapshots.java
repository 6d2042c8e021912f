package io.gantry.image.snapshot;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.NOT_FOUND;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.archive.LayerArchive;
import io.gantry.image.archive.ReadableTree;
import io.gantry.image.archive.TreeArchive;
import io.gantry.image.check.LayerVerifier;
import io.gantry.image.failure.ImageException;
import io.gantry.image.record.RecordDirectory;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.step.Steps;
import io.gantry.image.tree.DiskUsage;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.LayerTrees;
import io.gantry.image.tree.MergedTree;
import io.gantry.image.tree.Metadata;
import io.gantry.image.tree.Node;
import io.gantry.image.tree.Timestamp;
import io.gantry.image.unpack.LayerUnpacker;
import io.gantry.image.unpack.UnpackLimits;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Executor;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Snapshots for overlayfs: {@code writable/KEY/{fs,work}} and a record {@code keys/KEY.json}, above
 * the committed layers. The record is written first and deleted last, so that nothing is ever there
 * without one; a directory without a record goes at the next start. Thread-safe.
 */
public final class OverlaySnapshots implements Snapshots {

  private static final int VERSION = 1;
  private static final Pattern KEY = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._-]{0,143}");
  // Where a kernel's configuration turns these on, a layer could not be moved to or shared with
  // another mount.
  private static final List<String> ALWAYS = List.of("index=off", "metacopy=off");

  private static final Metadata EMPTY_ROOT =
      new Metadata(0, 0, 0755, new Timestamp(0, 0), Map.of());

  private final Path writable;
  private final RecordDirectory records;
  private final LayerStore layers;
  private final LayerTrees trees;
  private final Trash trash;
  // Guarded by this: which chain each writable file system stands on.
  private final Map<String, Optional<ChainId>> chains = new HashMap<>();

  private OverlaySnapshots(
      Path writable, RecordDirectory records, LayerStore layers, LayerTrees trees, Trash trash) {
    this.writable = writable;
    this.records = records;
    this.layers = layers;
    this.trees = trees;
    this.trash = trash;
  }

  /**
   * Opens the snapshots below {@code root}, makes them if there are none, and clears away what a
   * crash left half-made.
   *
   * @param deleter runs the deletion of what was removed
   * @throws IOException also if the path holds a character that overlayfs's options cannot carry
   */
  public static OverlaySnapshots open(Path root, LayerTrees trees, Executor deleter, Steps steps)
      throws IOException {
    Path absolute = root.toAbsolutePath().normalize();
    if (absolute.toString().matches(".*[:,\\\\].*")) {
      throw new IOException(
          "snapshots cannot be kept in "
              + absolute
              + ": overlayfs's options cannot carry ':', ',' or '\\' in a path");
    }
    Trash trash = Trash.open(absolute.resolve("trash"), trees, deleter, steps);
    LayerStore layers = LayerStore.open(absolute, trees, trash, steps);
    OverlaySnapshots snapshots =
        new OverlaySnapshots(
            Files.createDirectories(absolute.resolve("writable")),
            RecordDirectory.open(absolute.resolve("keys"), "snapshot", steps),
            layers,
            trees,
            trash);
    snapshots.load();
    return snapshots;
  }

  private void load() throws IOException {
    for (Map.Entry<String, JsonNode> record : records.readAll().entrySet()) {
      String chain = record.getValue().path("chainId").asText("");
      try {
        chains.put(
            record.getKey(),
            chain.isEmpty() ? Optional.empty() : Optional.of(ChainId.parse(chain)));
      } catch (InvalidReferenceException e) {
        records.setAside(record.getKey(), e.getMessage());
      }
    }
    try (DirectoryStream<Path> found = Files.newDirectoryStream(writable)) {
      for (Path directory : found) {
        if (!chains.containsKey(directory.getFileName().toString())) {
          trash.discard(directory);
        }
      }
    }
  }

  @Override
  public synchronized List<SnapshotMount> prepare(String key, Optional<ChainId> chain)
      throws IOException {
    List<Path> lower = keep(key, chain);
    makeUpper(key, lower);
    Files.createDirectories(work(key));
    return mountsOf(key, lower);
  }

  @Override
  public synchronized List<Path> view(String key, Optional<ChainId> chain) throws IOException {
    return keep(key, chain);
  }

  /** Records that a key stands on a chain, and finds the chain's layers. Under the lock. */
  private List<Path> keep(String key, Optional<ChainId> chain) throws IOException {
    checkKey(key);
    Optional<ChainId> taken = chains.get(key);
    if (taken != null && !taken.equals(chain)) {
      throw new IllegalStateException(
          "snapshot " + key + " is there already, above another chain of layers");
    }
    List<Path> lower = chain.isPresent() ? layers.directoriesOf(chain.get()) : List.of();
    if (taken == null) {
      records.add(key, document(chain));
      chains.put(key, chain);
    }
    return lower;
  }

  private static ObjectNode document(Optional<ChainId> chain) {
    ObjectNode record = JsonNodeFactory.instance.objectNode();
    record.put("version", VERSION);
    chain.ifPresent(id -> record.put("chainId", id.toString()));
    return record;
  }

  /** Makes the upper directory, whose metadata are those of the container's root, in one go. */
  private void makeUpper(String key, List<Path> lower) throws IOException {
    if (Files.exists(upper(key))) {
      return;
    }
    Path made = upper(key).resolveSibling("fs.new");
    trees.delete(Files.createDirectories(made));
    Files.createDirectory(made);
    try (LayerTree root = trees.open(made);
        OpenTrees top = OpenTrees.open(trees, lower.subList(0, Math.min(1, lower.size())))) {
      Optional<MergedTree.Found> below = new MergedTree(top.trees()).find("");
      root.setMetadata("", below.isPresent() ? below.get().metadata() : EMPTY_ROOT);
    }
    Files.move(made, upper(key), StandardCopyOption.ATOMIC_MOVE);
  }

  private static void checkKey(String key) {
    if (!KEY.matcher(key).matches()) {
      throw new IllegalArgumentException(
          "\""
              + key
              + "\" is no key for a snapshot: 1 to 144 of A-Z a-z 0-9 . _ -, not beginning with a"
              + " dot");
    }
  }

  private Path upper(String key) {
    return writable.resolve(key).resolve("fs");
  }

  private Path work(String key) {
    return writable.resolve(key).resolve("work");
  }

  @Override
  public synchronized List<SnapshotMount> mounts(String key) throws IOException {
    return mountsOf(key, lowerOf(key));
  }

  private List<Path> lowerOf(String key) throws ImageException {
    Optional<ChainId> chain = chains.get(key);
    if (chain == null) {
      throw new ImageException(NOT_FOUND, "there is no snapshot " + key);
    }
    return chain.isPresent() ? layers.directoriesOf(chain.get()) : List.of();
  }

  private List<SnapshotMount> mountsOf(String key, List<Path> lower) {
    if (lower.isEmpty()) {
      return List.of(new SnapshotMount("bind", upper(key).toString(), List.of("rbind", "rw")));
    }
    List<String> options = new ArrayList<>();
    options.add("lowerdir=" + lower.stream().map(Path::toString).collect(Collectors.joining(":")));
    options.add("upperdir=" + upper(key));
    options.add("workdir=" + work(key));
    options.addAll(ALWAYS);
    return List.of(new SnapshotMount("overlay", "overlay", options));
  }

  @Override
  public synchronized void remove(String key) throws IOException {
    if (!chains.containsKey(key)) {
      return;
    }
    trash.discard(writable.resolve(key));
    records.delete(key);
    chains.remove(key);
  }

  @Override
  public DiskUsage usage(String key) throws IOException {
    synchronized (this) {
      if (!chains.containsKey(key)) {
        throw new ImageException(NOT_FOUND, "there is no snapshot " + key);
      }
    }
    return trees.usage(upper(key));
  }

  @Override
  public void writeChanges(String key, OutputStream to) throws IOException {
    synchronized (this) {
      lowerOf(key);
    }
    try (LayerTree layer = trees.open(upper(key))) {
      LayerArchive.write(layer, to);
    }
  }

  /** As {@link #writeChanges(String, OutputStream)}, in a form. */
  public void writeChanges(String key, LayerArchive.Form form, OutputStream to) throws IOException {
    synchronized (this) {
      lowerOf(key);
    }
    try (LayerTree layer = trees.open(upper(key))) {
      LayerArchive.write(layer, form, to);
    }
  }

  /** What is done with a chain's files. */
  public interface Reading<T> {
    /**
     * @param files good until this returns
     */
    T read(MergedTree files) throws IOException;
  }

  /**
   * Reads the files of a chain, which must be kept meanwhile.
   *
   * @throws ImageException NOT_FOUND if it is not here
   */
  public <T> T reading(Optional<ChainId> chain, Reading<T> reading) throws IOException {
    List<Path> directories;
    synchronized (this) {
      directories = chain.isPresent() ? layers.directoriesOf(chain.get()) : List.of();
    }
    try (OpenTrees opened = OpenTrees.open(trees, directories)) {
      return reading.read(new MergedTree(opened.trees()));
    }
  }

  /**
   * As {@link #writeChanges}, of a layer that may change meanwhile, without what is there only for
   * mounts of its container.
   */
  public void writeLayer(String key, OutputStream to) throws IOException {
    synchronized (this) {
      lowerOf(key);
    }
    try (LayerTree layer = trees.open(upper(key))) {
      LayerArchive.writeLive(layer, to, (path, node) -> Changes.isMountPoint(path, node, layer));
    }
  }

  /** Takes changes as they are found, which may take a while. */
  public interface ChangeSink {
    void found(LayerChange change) throws IOException;
  }

  /**
   * Finds what a writable file system differs in from what it stands on.
   *
   * @throws ImageException NOT_FOUND if there is none of that key
   */
  public void changes(String key, ChangeSink sink) throws IOException {
    List<Path> below;
    synchronized (this) {
      below = lowerOf(key);
    }
    try (LayerTree layer = trees.open(upper(key));
        OpenTrees lower = OpenTrees.open(trees, below)) {
      Changes.find(layer, new MergedTree(lower.trees()), sink::found);
    }
  }

  /** Does something with a file system as a whole, without mounting it. */
  private interface Look<T> {
    T at(MergedTree tree) throws IOException;
  }

  private <T> T merged(String key, Look<T> look) throws IOException {
    List<Path> stack = new ArrayList<>();
    synchronized (this) {
      stack.addAll(lowerOf(key));
    }
    stack.add(0, upper(key));
    try (OpenTrees opened = OpenTrees.open(trees, stack)) {
      return look.at(new MergedTree(opened.trees()));
    }
  }

  /**
   * Writes a whole file system as an archive. It may change meanwhile.
   *
   * @param to not closed
   * @throws ImageException NOT_FOUND if there is none of that key
   */
  public void export(String key, OutputStream to) throws IOException {
    merged(
        key,
        tree -> {
          TreeArchive.write(ReadableTree.of(tree), "", "", to);
          return null;
        });
  }

  /**
   * Copies what a file system has in a directory.
   *
   * @param path absolute inside; links are followed, and stay inside
   * @param target empty; becomes as the directory is
   * @return false if there is no such directory, or nothing in it
   * @throws ImageException NOT_FOUND if there is no file system of that key
   */
  public boolean copyDirectory(String key, String path, LayerTree target) throws IOException {
    String bytes = new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    return merged(
        key,
        tree -> {
          Optional<MergedTree.Found> found = tree.follow(bytes);
          if (found.isEmpty() || !found.get().node().isDirectory()) {
            return false;
          }
          TreeCopy.copy(tree, found.get(), target);
          return true;
        });
  }

  @Override
  public void applyChanges(String key, InputStream changes) throws IOException {
    List<Path> below;
    synchronized (this) {
      below = lowerOf(key);
    }
    try (LayerTree layer = trees.open(upper(key));
        OpenTrees lower = OpenTrees.open(trees, below)) {
      new LayerUnpacker(UnpackLimits.DEFAULT).apply(changes, layer, new MergedTree(lower.trees()));
    }
  }

  @Override
  public synchronized Set<String> list() {
    return Set.copyOf(chains.keySet());
  }

  @Override
  public Optional<byte[]> readFile(String key, String path, int limitBytes) throws IOException {
    List<Path> stack = new ArrayList<>();
    synchronized (this) {
      stack.addAll(lowerOf(key));
    }
    stack.add(0, upper(key));
    // The port's paths hold one byte per character.
    String bytes = new String(path.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
    try (OpenTrees opened = OpenTrees.open(trees, stack)) {
      Optional<MergedTree.Found> found = new MergedTree(opened.trees()).follow(bytes);
      if (found.isEmpty() || found.get().node().kind() != Node.Kind.REGULAR) {
        return Optional.empty();
      }
      try (InputStream in = found.get().layer().read(found.get().path())) {
        byte[] content = in.readNBytes(limitBytes + 1);
        if (content.length > limitBytes) {
          throw new ImageException(
              CORRUPT, path + " in snapshot " + key + " is larger than " + limitBytes + " bytes");
        }
        return Optional.of(content);
      }
    }
  }

  /** Whether a chain's layers are committed. */
  public boolean hasChain(ChainId chain) {
    return layers.has(chain);
  }

  /**
   * Commits a layer: the filler's work is made durable before the layer counts as being there; if
   * it fails, nothing stays.
   *
   * @param below the chain that it stands on, which must be kept meanwhile
   * @param ready waits until that is there; asked when the filler first looks at it, and at the end
   */
  public void commit(ChainId chain, Optional<ChainId> below, LowerReady ready, LayerFiller filler)
      throws IOException {
    layers.add(chain, below, ready, filler);
  }

  /** Commits a layer above what is there already. */
  public void commit(ChainId chain, Optional<ChainId> below, LayerFiller filler)
      throws IOException {
    commit(chain, below, () -> {}, filler);
  }

  /**
   * Removes all committed layers but those of {@code tops} and of writable file systems, and what
   * these stand on.
   */
  public void retainOnly(Set<ChainId> tops) throws IOException {
    synchronized (this) {
      // Under the lock, so that no snapshot can be prepared above a layer that is about to go.
      Set<ChainId> inUse = new HashSet<>();
      chains.values().forEach(chain -> chain.ifPresent(inUse::add));
      Set<ChainId> keep = new HashSet<>(tops);
      keep.addAll(inUse);
      layers.retainOnly(keep, inUse);
    }
  }

  /** The chains of all committed layers, each after the one that it stands on. */
  public List<ChainId> committed() {
    return layers.chains();
  }

  /**
   * Holds a committed layer against what a filler makes, which is not written anywhere.
   *
   * @throws ImageException NOT_FOUND if the chain is not here
   */
  public LayerVerifier.Verdict verify(ChainId chain, LayerFiller filler) throws IOException {
    List<Path> stack = layers.directoriesOf(chain);
    if (!Files.isDirectory(stack.get(0))) {
      return new LayerVerifier.Verdict(Optional.of("its directory is missing"), 0);
    }
    try (LayerTree layer = trees.open(stack.get(0));
        OpenTrees lower = OpenTrees.open(trees, stack.subList(1, stack.size()))) {
      return LayerVerifier.verify(layer, new MergedTree(lower.trees()), filler::fill);
    }
  }

  /**
   * Makes a committed layer anew in the damaged one's place, which is set aside: containers that
   * stand on it keep it, others get the new one.
   *
   * @return where the damaged one is now; nothing if the chain has gone meanwhile
   */
  public Optional<Path> replace(ChainId chain, LayerFiller filler) throws IOException {
    return layers.replace(chain, filler);
  }

  /**
   * What is wrong with the records on disk, by their names.
   *
   * @param repair whether to write them anew, from what is known of them in memory
   */
  public Map<String, String> checkRecords(boolean repair) throws IOException {
    Map<String, String> flaws = new TreeMap<>(layers.checkRecords(repair));
    synchronized (this) {
      Map<String, ObjectNode> expected = new HashMap<>();
      chains.forEach((key, chain) -> expected.put(key, document(chain)));
      for (Map.Entry<String, String> flaw : records.flaws(expected).entrySet()) {
        flaws.put(records.shown(flaw.getKey()), flaw.getValue());
        if (repair) {
          records.write(flaw.getKey(), expected.get(flaw.getKey()));
        }
      }
    }
    return flaws;
  }

  /** How many records there are. */
  public synchronized int recordCount() {
    return layers.count() + chains.size();
  }

  /** The writable file systems whose layers are not here, each with the chain that it stands on. */
  public synchronized Map<String, ChainId> withoutLayers() {
    Map<String, ChainId> found = new TreeMap<>();
    chains.forEach(
        (key, chain) ->
            chain.filter(top -> !layers.has(top)).ifPresent(top -> found.put(key, top)));
    return found;
  }

  /** What the top layer of a chain takes on disk; nothing if it is not here. */
  public Optional<DiskUsage> layerUsage(ChainId chain) {
    return layers.usage(chain);
  }

  /** What all committed layers take on disk. */
  public DiskUsage layersUsage() {
    return layers.usage();
  }

  /** What all writable file systems take on disk, found by walking them. */
  public DiskUsage writableUsage() throws IOException {
    return trees.usage(writable);
  }
}
