package io.gantry.image.snapshot;

import static io.gantry.image.failure.ImageException.Kind.NOT_FOUND;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.failure.ImageException;
import io.gantry.image.record.RecordDirectory;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.step.Steps;
import io.gantry.image.tree.DiskUsage;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.LayerTrees;
import io.gantry.image.tree.MergedTree;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The committed layers, one directory per chain id: {@code l/NAME}, and a record {@code
 * layers/HEX.json} that says which chain it is. The record is what makes a directory a layer: one
 * without a record is half-made and goes at the next start. Names are short because many of them
 * must fit on the one page that mount(2) takes. Thread-safe.
 */
final class LayerStore {

  private static final int VERSION = 1;
  private static final int RADIX = 36;

  private record Layer(String directory, Optional<ChainId> parent, DiskUsage usage) {}

  private final LayerTrees trees;
  private final Path directories;
  private final RecordDirectory records;
  private final SetAside setAside;
  private final Trash trash;
  private final Steps steps;
  // Held while a layer is recorded, so that none is recorded twice; taken before the lock of this.
  private final Object recording = new Object();
  // All guarded by this.
  private final Map<ChainId, Layer> layers = new HashMap<>();
  // By directory: the chains of layers that are no longer here and whose directories still are.
  private final Map<String, ChainId> leaving = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  private LayerStore(
      LayerTrees trees,
      Path directories,
      RecordDirectory records,
      SetAside setAside,
      Trash trash,
      Steps steps) {
    this.setAside = setAside;
    this.trees = trees;
    this.directories = directories;
    this.records = records;
    this.trash = trash;
    this.steps = steps;
  }

  static LayerStore open(Path root, LayerTrees trees, Trash trash, Steps steps) throws IOException {
    LayerStore store =
        new LayerStore(
            trees,
            Files.createDirectories(root.resolve("l")),
            RecordDirectory.open(root.resolve("layers"), "layer", steps),
            new SetAside(Files.createDirectories(root.resolve("damaged")), trash),
            trash,
            steps);
    for (Map.Entry<String, JsonNode> record : store.records.readAll().entrySet()) {
      store.load(record.getKey(), record.getValue());
    }
    store.dropOrphans();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(store.directories)) {
      for (Path directory : found) {
        if (!store.taken.contains(directory.getFileName().toString())) {
          trash.discard(directory);
        }
      }
    }
    return store;
  }

  private void load(String name, JsonNode record) throws IOException {
    try {
      String directory = record.path("directory").asText("");
      boolean sound =
          record.path("version").asInt() == VERSION
              && directory.matches("[0-9a-z]{1,12}")
              && Files.isDirectory(directories.resolve(directory));
      if (!sound) {
        records.setAside(name, "it names no layer that is here");
        return;
      }
      String parent = record.path("parent").asText("");
      DiskUsage usage =
          new DiskUsage(record.path("bytes").asLong(), record.path("inodes").asLong());
      layers.put(
          ChainId.parse(record.path("chainId").asText("")),
          new Layer(
              directory,
              parent.isEmpty() ? Optional.empty() : Optional.of(ChainId.parse(parent)),
              usage));
      taken.add(directory);
    } catch (InvalidReferenceException e) {
      records.setAside(name, e.getMessage());
    }
  }

  /** A layer whose parent is lost cannot be used, and what stands on it neither. */
  private void dropOrphans() throws IOException {
    boolean again = true;
    while (again) {
      Set<ChainId> orphans = new HashSet<>();
      layers.forEach(
          (chain, layer) -> {
            if (layer.parent().isPresent() && !layers.containsKey(layer.parent().get())) {
              orphans.add(chain);
            }
          });
      for (ChainId orphan : orphans) {
        taken.remove(layers.remove(orphan).directory());
        records.delete(orphan.digest().hex());
      }
      again = !orphans.isEmpty();
    }
  }

  synchronized boolean has(ChainId chain) {
    return layers.containsKey(chain);
  }

  /** The directories of a chain, top first. */
  synchronized List<Path> directoriesOf(ChainId top) throws ImageException {
    List<Path> stack = new ArrayList<>();
    Optional<ChainId> chain = Optional.of(top);
    while (chain.isPresent()) {
      Layer layer = layers.get(chain.get());
      if (layer == null) {
        throw new ImageException(NOT_FOUND, "the layers of chain " + top + " are not here");
      }
      stack.add(directories.resolve(layer.directory()));
      chain = layer.parent();
    }
    return stack;
  }

  /**
   * Makes a layer, unless it is there. Of two that are made at a time for one chain the first is
   * kept.
   *
   * @param parent the chain below, which must be kept
   * @param ready waits until that is there
   */
  void add(ChainId chain, Optional<ChainId> parent, LowerReady ready, LayerFiller filler)
      throws IOException {
    if (has(chain)) {
      return;
    }
    String name = takeName();
    Path directory = directories.resolve(name);
    try {
      Files.createDirectory(directory);
      steps.reach("layer directory made");
      fill(directory, parent, ready, filler);
      // Nothing may be recorded above what is not.
      ready.await();
      Layer layer = new Layer(name, parent, trees.usage(directory));
      if (!record(chain, layer)) {
        discard(directory, name);
      }
    } catch (IOException | RuntimeException e) {
      try {
        discard(directory, name);
      } catch (IOException left) {
        e.addSuppressed(left);
      }
      throw e;
    }
  }

  private void fill(Path directory, Optional<ChainId> parent, LowerReady ready, LayerFiller filler)
      throws IOException {
    try (LowerTrees lower =
            new LowerTrees(
                trees, ready, () -> parent.isPresent() ? directoriesOf(parent.get()) : List.of());
        LayerTree layer = trees.open(directory)) {
      filler.fill(layer, parent.isPresent() ? MergedTree.later(lower) : new MergedTree(List.of()));
      layer.sync();
    }
  }

  /**
   * Makes the directory a layer, unless the chain has come meanwhile: one whose maker was told to
   * stop may still have been made, while another maker had begun.
   */
  private boolean record(ChainId chain, Layer layer) throws IOException {
    synchronized (recording) {
      if (has(chain)) {
        return false;
      }
      // On failure no record may stay: its directory's name is another layer's soon.
      records.add(chain.digest().hex(), document(chain, layer));
      synchronized (this) {
        layers.put(chain, layer);
      }
      return true;
    }
  }

  /** The chains of all layers, each after the one that it stands on. */
  synchronized List<ChainId> chains() {
    Set<ChainId> sorted = new LinkedHashSet<>();
    for (ChainId chain : layers.keySet()) {
      Deque<ChainId> below = new ArrayDeque<>();
      for (Optional<ChainId> at = Optional.of(chain);
          at.isPresent() && layers.containsKey(at.get()) && !sorted.contains(at.get());
          at = layers.get(at.get()).parent()) {
        below.push(at.get());
      }
      sorted.addAll(below);
    }
    return List.copyOf(sorted);
  }

  /** The chain that one stands on. */
  synchronized Optional<ChainId> parentOf(ChainId chain) throws ImageException {
    return get(chain).parent();
  }

  private synchronized Layer get(ChainId chain) throws ImageException {
    Layer layer = layers.get(chain);
    if (layer == null) {
      throw new ImageException(NOT_FOUND, "the layers of chain " + chain + " are not here");
    }
    return layer;
  }

  /**
   * Makes a layer's directory anew and sets the old one aside, which containers may stand on.
   *
   * @return where it is now; nothing if the layer is no longer here
   */
  Optional<Path> replace(ChainId chain, LayerFiller filler) throws IOException {
    Layer old = get(chain);
    String name = takeName();
    Path directory = directories.resolve(name);
    try {
      Files.createDirectory(directory);
      fill(directory, old.parent(), () -> {}, filler);
      Layer made = new Layer(name, old.parent(), trees.usage(directory));
      synchronized (recording) {
        if (!has(chain)) {
          discard(directory, name);
          return Optional.empty();
        }
        records.write(chain.digest().hex(), document(chain, made));
        synchronized (this) {
          layers.put(chain, made);
        }
      }
    } catch (IOException | RuntimeException e) {
      discard(directory, name);
      throw e;
    }
    Path aside = setAside.add(directories.resolve(old.directory()), chain);
    synchronized (this) {
      taken.remove(old.directory());
    }
    return Optional.of(aside);
  }

  /**
   * What is wrong with the records on disk, by their names.
   *
   * @param repair whether to write them anew
   */
  Map<String, String> checkRecords(boolean repair) throws IOException {
    synchronized (recording) {
      Map<String, ObjectNode> expected = new HashMap<>();
      synchronized (this) {
        layers.forEach(
            (chain, layer) -> expected.put(chain.digest().hex(), document(chain, layer)));
      }
      Map<String, String> flaws = new TreeMap<>();
      for (Map.Entry<String, String> flaw : records.flaws(expected).entrySet()) {
        flaws.put(records.shown(flaw.getKey()), flaw.getValue());
        if (repair) {
          records.write(flaw.getKey(), expected.get(flaw.getKey()));
        }
      }
      return flaws;
    }
  }

  /** How many there are. */
  synchronized int count() {
    return layers.size();
  }

  private void discard(Path directory, String name) throws IOException {
    if (Files.exists(directory)) {
      trash.discard(directory);
    }
    synchronized (this) {
      taken.remove(name);
    }
  }

  private synchronized String takeName() {
    for (int i = 0; ; i++) {
      String name = Integer.toString(i, RADIX);
      if (taken.add(name)) {
        return name;
      }
    }
  }

  private static ObjectNode document(ChainId chain, Layer layer) {
    ObjectNode document = JsonNodeFactory.instance.objectNode();
    document.put("version", VERSION);
    document.put("chainId", chain.toString());
    layer.parent().ifPresent(parent -> document.put("parent", parent.toString()));
    document.put("directory", layer.directory());
    document.put("bytes", layer.usage().bytes());
    document.put("inodes", layer.usage().inodes());
    return document;
  }

  /**
   * Removes all layers but those of the given chains and what they stand on, and damaged ones that
   * were set aside. When it fails halfway, the rest goes the next time.
   *
   * @param inUse those of the chains that are mounted somewhere: what was set aside of them stays
   */
  void retainOnly(Set<ChainId> tops, Set<ChainId> inUse) throws IOException {
    Map<String, ChainId> garbage;
    Set<ChainId> used;
    synchronized (this) {
      Set<ChainId> kept = withAllBelow(tops);
      used = withAllBelow(inUse);
      layers.forEach(
          (chain, layer) -> {
            if (!kept.contains(chain)) {
              leaving.put(layer.directory(), chain);
            }
          });
      layers.keySet().retainAll(kept);
      garbage = new HashMap<>(leaving);
      // A pull that holds such a chain may be making it anew, and its record.
      garbage.values().removeIf(chain -> kept.contains(chain) && !layers.containsKey(chain));
    }
    for (Map.Entry<String, ChainId> one : garbage.entrySet()) {
      removeDirectory(one.getKey(), one.getValue());
    }
    setAside.retainOnly(used);
  }

  private void removeDirectory(String name, ChainId chain) throws IOException {
    if (!has(chain)) {
      // The record first: without it the directory is nothing, whatever happens next.
      records.delete(chain.digest().hex());
    }
    trash.discard(directories.resolve(name));
    synchronized (this) {
      leaving.remove(name);
      taken.remove(name);
    }
  }

  private Set<ChainId> withAllBelow(Set<ChainId> tops) {
    Set<ChainId> all = new HashSet<>();
    for (ChainId top : tops) {
      Optional<ChainId> chain = Optional.of(top);
      while (chain.isPresent() && all.add(chain.get())) {
        Layer layer = layers.get(chain.get());
        chain = layer == null ? Optional.empty() : layer.parent();
      }
    }
    return all;
  }

  /** What one layer takes, without those below; nothing if it is not here. */
  synchronized Optional<DiskUsage> usage(ChainId chain) {
    return Optional.ofNullable(layers.get(chain)).map(Layer::usage);
  }

  /** What all layers take, as found when they were made; they do not change. */
  synchronized DiskUsage usage() {
    return layers.values().stream().map(Layer::usage).reduce(DiskUsage.NONE, DiskUsage::plus);
  }
}
