package io.gantry.image.content;

import static io.gantry.image.failure.ImageException.Kind.CANCELLED;
import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;

import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.step.Steps;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The blobs that are arriving, {@code ingest/ALGORITHM-HEX.part} and what is noted about each
 * beside it: one arrival of a blob at a time. What earlier ones left is kept for a while.
 * Thread-safe.
 */
final class Arrivals {

  /** How long what has come of a blob waits for somebody to ask for the rest. */
  static final Duration KEPT = Duration.ofHours(24);

  private static final String SUFFIX = ".part";
  private static final long LIMIT_BYTES = 1L << 40;

  private final Path directory;
  private final Steps steps;
  // Guarded by itself; a blob that is being opened or closed stands for nothing yet or any more.
  private final Map<Digest, Optional<Arrival>> open = new HashMap<>();

  Arrivals(Path directory, Steps steps) {
    this.directory = directory;
    this.steps = steps;
  }

  /**
   * Waits until nobody else is about the blob, then begins, or goes on with what there is. The
   * caller closes the answer.
   */
  Arrival open(Digest digest, long sizeBytes, Path target, Cancellation cancellation)
      throws IOException {
    checkRoom(digest, sizeBytes);
    reserve(digest, cancellation);
    try {
      Arrival arrival =
          Arrival.open(digest, sizeBytes, fileOf(digest), target, steps, () -> release(digest));
      synchronized (open) {
        open.put(digest, Optional.of(arrival));
      }
      return arrival;
    } catch (IOException | RuntimeException e) {
      release(digest);
      throw e;
    }
  }

  /** Tells at once what would only come out once the disk is full. */
  private void checkRoom(Digest digest, long sizeBytes) throws IOException {
    if (sizeBytes > LIMIT_BYTES) {
      throw new ImageException(
          CORRUPT,
          "blob " + digest + " is to have " + sizeBytes + " bytes, more than any that is taken");
    }
    Path part = fileOf(digest);
    long there = Files.exists(part) ? Files.size(part) : 0;
    long free = Files.getFileStore(directory).getUsableSpace();
    if (sizeBytes - there > free) {
      throw new ImageException(
          STORAGE,
          "blob " + digest + " has " + sizeBytes + " bytes, and the disk has " + free + " left",
          new FileSystemException(directory.toString(), null, "No space left on device"));
    }
  }

  private Path fileOf(Digest digest) {
    return directory.resolve(digest.algorithm().prefix() + "-" + digest.hex() + SUFFIX);
  }

  private void reserve(Digest digest, Cancellation cancellation) throws IOException {
    cancellation.wait(
        this::wake,
        () -> {
          synchronized (open) {
            while (open.containsKey(digest)) {
              cancellation.check();
              try {
                open.wait();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new ImageException(CANCELLED, "interrupted", e);
              }
            }
            open.put(digest, Optional.empty());
            return null;
          }
        });
  }

  private void wake() {
    synchronized (open) {
      open.notifyAll();
    }
  }

  private void release(Digest digest) {
    synchronized (open) {
      open.remove(digest);
      open.notifyAll();
    }
  }

  /** The arrival of a blob, if it is under way. */
  Optional<Arrival> find(Digest digest) {
    synchronized (open) {
      return open.getOrDefault(digest, Optional.empty());
    }
  }

  /** Clears away what no arrival can build upon; to be called before the first. */
  void clean(Instant now) throws IOException {
    try (DirectoryStream<Path> left = Files.newDirectoryStream(directory)) {
      for (Path file : left) {
        String name = file.getFileName().toString();
        boolean lonelyPart = name.endsWith(SUFFIX) && !Files.exists(Notes.fileBeside(file));
        boolean lonelyNotes = Notes.isNotes(file) && !Files.exists(Notes.blobBeside(file));
        boolean foreign = !name.endsWith(SUFFIX) && !Notes.isNotes(file);
        if (lonelyPart || lonelyNotes || foreign) {
          Files.delete(file);
        }
      }
    }
    sweep(now);
  }

  /** Deletes what nobody has asked for the rest of for long. */
  void sweep(Instant now) throws IOException {
    deleteIf(file -> isStale(file, now));
  }

  /** Deletes what has come of other blobs than these. */
  void retainOnly(Set<Digest> wanted) throws IOException {
    Set<Path> kept = wanted.stream().map(this::fileOf).collect(Collectors.toSet());
    deleteIf(file -> !kept.contains(file));
  }

  /** Deletes what has come of these blobs. */
  void discard(Set<Digest> unwanted) throws IOException {
    Set<Path> files = unwanted.stream().map(this::fileOf).collect(Collectors.toSet());
    deleteIf(files::contains);
  }

  /** A reason to delete what has come of a blob. */
  private interface Unwanted {
    boolean test(Path file) throws IOException;
  }

  private void deleteIf(Unwanted unwanted) throws IOException {
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
      for (Path file : parts) {
        synchronized (open) {
          boolean underWay = open.keySet().stream().anyMatch(blob -> fileOf(blob).equals(file));
          if (!underWay && unwanted.test(file)) {
            Files.deleteIfExists(file);
            Files.deleteIfExists(Notes.fileBeside(file));
          }
        }
      }
    }
  }

  private static boolean isStale(Path file, Instant now) throws IOException {
    try {
      return Files.getLastModifiedTime(file).toInstant().isBefore(now.minus(KEPT));
    } catch (NoSuchFileException e) {
      return false; // It has arrived.
    }
  }
}
