package io.gantry.image.tree;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Layers in memory behind real directories: a file in the directory names its tree, so that
 * renaming and deleting the directory work as they should.
 */
public final class MemoryTrees implements LayerTrees {

  private static final String NAME = "tree";

  private final Map<String, MemoryTree> trees = new ConcurrentHashMap<>();
  private final BlockingQueue<Path> deletions = new LinkedBlockingQueue<>();

  @Override
  public LayerTree open(Path directory) throws IOException {
    return tree(directory);
  }

  public MemoryTree tree(Path directory) throws IOException {
    Path name = directory.resolve(NAME);
    if (!Files.exists(name)) {
      Files.writeString(name, UUID.randomUUID().toString());
    }
    return trees.computeIfAbsent(Files.readString(name), id -> new MemoryTree());
  }

  /** Waits until a directory has been deleted. */
  public void awaitDeletion(Path directory) throws InterruptedException {
    while (Files.exists(directory)) {
      if (deletions.poll(10, TimeUnit.SECONDS) == null) {
        throw new AssertionError(directory + " was not deleted");
      }
    }
  }

  @Override
  public void delete(Path directory) throws IOException {
    deleteNow(directory);
    deletions.add(directory);
  }

  private static void deleteNow(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (var all = Files.walk(directory)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }

  @Override
  public DiskUsage usage(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return DiskUsage.NONE;
    }
    return new DiskUsage(tree(directory).size() * 4096L, tree(directory).size());
  }
}
