package io.gantry.image.snapshot;

import static io.gantry.image.failure.ImageException.Kind.NOT_FOUND;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.gantry.image.failure.ImageException;
import io.gantry.image.record.RecordDirectory;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.tree.DiskUsage;
import io.gantry.image.tree.LayerTree;
import io.gantry.image.tree.LayerTrees;
import io.gantry.image.tree.MergedTree;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

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
  private final Trash trash;
  // Both guarded by this.
  private final Map<ChainId, Layer> layers = new HashMap<>();
  private final Set<String> taken = new HashSet<>();

  private LayerStore(LayerTrees trees, Path directories, RecordDirectory records, Trash trash) {
    this.trees = trees;
    this.directories = directories;
    this.records = records;
    this.trash = trash;
  }

  static LayerStore open(Path root, LayerTrees trees, Trash trash) throws IOException {
    LayerStore store =
        new LayerStore(
            trees,
            Files.createDirectories(root.resolve("l")),
            RecordDirectory.open(root.resolve("layers")),
            trash);
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
   * Makes a layer, unless it is there. Must not run twice at a time for the same chain.
   *
   * @param parent the chain below, which must be there and be kept
   */
  void add(ChainId chain, Optional<ChainId> parent, LayerFiller filler) throws IOException {
    if (has(chain)) {
      return;
    }
    List<Path> lowerDirectories = parent.isPresent() ? directoriesOf(parent.get()) : List.of();
    String name = takeName();
    Path directory = directories.resolve(name);
    try {
      Files.createDirectory(directory);
      fill(directory, lowerDirectories, filler);
      DiskUsage usage = trees.usage(directory);
      Layer layer = new Layer(name, parent, usage);
      records.write(chain.digest().hex(), document(chain, layer));
      synchronized (this) {
        layers.put(chain, layer);
      }
    } catch (IOException | RuntimeException e) {
      discard(directory, name, e);
      throw e;
    }
  }

  private void fill(Path directory, List<Path> lowerDirectories, LayerFiller filler)
      throws IOException {
    try (OpenTrees lower = OpenTrees.open(trees, lowerDirectories);
        LayerTree layer = trees.open(directory)) {
      filler.fill(layer, new MergedTree(lower.trees()));
      layer.sync();
    }
  }

  private void discard(Path directory, String name, Exception because) {
    try {
      if (Files.exists(directory)) {
        trash.discard(directory);
      }
      synchronized (this) {
        taken.remove(name);
      }
    } catch (IOException e) {
      because.addSuppressed(e);
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

  /** Removes all layers but those of the given chains and what they stand on. */
  void retainOnly(Set<ChainId> tops) throws IOException {
    Map<ChainId, Layer> garbage = new HashMap<>();
    synchronized (this) {
      garbage.putAll(layers);
      for (ChainId top : tops) {
        Optional<ChainId> chain = Optional.of(top);
        while (chain.isPresent()) {
          garbage.remove(chain.get());
          Layer layer = layers.get(chain.get());
          chain = layer == null ? Optional.empty() : layer.parent();
        }
      }
      layers.keySet().removeAll(garbage.keySet());
    }
    for (Map.Entry<ChainId, Layer> one : garbage.entrySet()) {
      // The record first: without it the directory is nothing, whatever happens next.
      records.delete(one.getKey().digest().hex());
      trash.discard(directories.resolve(one.getValue().directory()));
      synchronized (this) {
        taken.remove(one.getValue().directory());
      }
    }
  }

  /** What all layers take, as found when they were made; they do not change. */
  synchronized DiskUsage usage() {
    return layers.values().stream().map(Layer::usage).reduce(DiskUsage.NONE, DiskUsage::plus);
  }
}
