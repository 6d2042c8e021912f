package io.gantry.image.build.cache;

import io.gantry.image.reference.Digest;
import io.gantry.image.tree.LayerTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The directories that {@code RUN --mount=type=cache} shows to steps: {@code HEX/content}, with the
 * id that the Dockerfile gives in {@code HEX/id}. Thread-safe.
 */
public final class CacheDirectories {

  /** Who else may have a directory at the same time. */
  public enum Sharing {
    SHARED,
    PRIVATE,
    LOCKED
  }

  /**
   * A directory, and what is known of it.
   *
   * @param key names it among the others
   */
  public record Entry(
      Digest key, String id, long sizeBytes, Instant created, Instant lastUsed, boolean inUse) {}

  /** Holds a directory for a step. */
  public interface Use extends AutoCloseable {
    Path directory();

    /** Whether it was made just now. */
    boolean isNew();

    @Override
    void close();
  }

  private final Path root;
  private final LayerTrees trees;
  private final Clock clock;
  // Both guarded by this: how many steps have each directory, and which of them alone.
  private final Map<Digest, Integer> users = new HashMap<>();
  private final Set<Digest> locked = new HashSet<>();

  private CacheDirectories(Path root, LayerTrees trees, Clock clock) {
    this.root = root;
    this.trees = trees;
    this.clock = clock;
  }

  public static CacheDirectories open(Path root, LayerTrees trees, Clock clock) throws IOException {
    Files.createDirectories(root);
    return new CacheDirectories(root, trees, clock);
  }

  /** Takes the directory of that id; waits, or takes another one, as the sharing says. */
  public Use take(String id, Sharing sharing) throws IOException, InterruptedException {
    int number = 0;
    Digest key = key(id, number);
    synchronized (this) {
      while (sharing == Sharing.PRIVATE && users.containsKey(key)) {
        key = key(id, ++number);
      }
      while (locked.contains(key) || sharing == Sharing.LOCKED && users.containsKey(key)) {
        wait();
      }
      users.merge(key, 1, Integer::sum);
      if (sharing == Sharing.LOCKED) {
        locked.add(key);
      }
    }
    try {
      return opened(id, key);
    } catch (IOException | RuntimeException e) {
      release(key);
      throw e;
    }
  }

  private Use opened(String id, Digest key) throws IOException {
    Path own = root.resolve(key.hex());
    Path content = own.resolve("content");
    boolean isNew = !Files.exists(content);
    Files.createDirectories(own);
    Files.writeString(own.resolve("id"), id);
    if (isNew) {
      Files.createDirectory(content);
    }
    return new Use() {
      @Override
      public Path directory() {
        return content;
      }

      @Override
      public boolean isNew() {
        return isNew;
      }

      @Override
      public void close() {
        release(key);
      }
    };
  }

  private synchronized void release(Digest key) {
    locked.remove(key);
    users.computeIfPresent(key, (known, count) -> count == 1 ? null : count - 1);
    notifyAll();
  }

  private static Digest key(String id, int number) {
    return Digest.sha256((number + " " + id).getBytes(StandardCharsets.UTF_8));
  }

  /** All that are there. */
  public List<Entry> all() throws IOException {
    List<Entry> all = new ArrayList<>();
    try (DirectoryStream<Path> found = Files.newDirectoryStream(root)) {
      for (Path own : found) {
        entry(own).ifPresent(all::add);
      }
    }
    return all;
  }

  private Optional<Entry> entry(Path own) throws IOException {
    try {
      Digest key = Digest.parse("sha256:" + own.getFileName());
      FileTime used = Files.getLastModifiedTime(own.resolve("id"));
      Instant created =
          Files.readAttributes(own, BasicFileAttributes.class).creationTime().toInstant();
      String id = Files.readString(own.resolve("id"));
      long size = trees.usage(own).bytes();
      synchronized (this) {
        return Optional.of(
            new Entry(key, id, size, created, used.toInstant(), users.containsKey(key)));
      }
    } catch (NoSuchFileException gone) {
      return Optional.empty();
    }
  }

  /** Removes a directory unless a step has it. */
  public boolean remove(Digest key) throws IOException {
    synchronized (this) {
      if (users.containsKey(key)) {
        return false;
      }
      // Nobody may begin to use it while it goes.
      users.put(key, 1);
      locked.add(key);
    }
    try {
      trees.delete(root.resolve(key.hex()));
      return true;
    } finally {
      release(key);
    }
  }

  /** The time, for those who compare. */
  public Instant now() {
    return clock.instant();
  }
}
