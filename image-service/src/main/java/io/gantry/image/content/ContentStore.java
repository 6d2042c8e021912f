package io.gantry.image.content;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.NOT_FOUND;

import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.step.Steps;
import io.gantry.image.work.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Blobs on disk: {@code blobs/ALGORITHM/HEX}, and {@code ingest/} for those that are arriving. A
 * blob is either wholly here, and then right, or not at all. Thread-safe.
 */
public final class ContentStore {

  private final Path blobs;
  private final Path ingests;
  private final Path damaged;
  private final Steps steps;
  private final Arrivals arrivals;
  private final AtomicLong nextIngest = new AtomicLong();
  private final BlobClaims claims = new BlobClaims();

  private ContentStore(Path root, Steps steps) {
    this.steps = steps;
    this.blobs = root.resolve("blobs");
    this.ingests = root.resolve("ingest");
    this.damaged = root.resolve("damaged");
    this.arrivals = new Arrivals(ingests, steps);
  }

  /**
   * Opens the store below {@code root}, makes it if it is not there, and clears away what a crash
   * left half-written, unless it can be gone on with.
   */
  public static ContentStore open(Path root, Steps steps) throws IOException {
    ContentStore store = new ContentStore(root, steps);
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      Files.createDirectories(store.blobs.resolve(algorithm.prefix()));
    }
    Files.createDirectories(store.ingests);
    Files.createDirectories(store.damaged);
    store.arrivals.clean(Instant.now());
    return store;
  }

  Path pathOf(Digest digest) {
    return blobs.resolve(digest.algorithm().prefix()).resolve(digest.hex());
  }

  /** What those who share this store rely on. */
  public BlobClaims claims() {
    return claims;
  }

  public boolean has(Digest digest) {
    return Files.exists(pathOf(digest));
  }

  /**
   * Opens a blob's file for reading at any place; the caller closes it.
   *
   * @throws ImageException NOT_FOUND if it is not here
   */
  public FileChannel openChannel(Digest digest) throws IOException {
    try {
      return FileChannel.open(pathOf(digest), StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new ImageException(NOT_FOUND, "blob " + digest + " is not in the content store", e);
    }
  }

  /**
   * Makes a file a blob of the store, durably. It must lie on the store's file system, have been
   * synced, and have that digest: it is not read again. Afterwards there is no file at the path any
   * more, whether or not the blob was here before.
   */
  public void adopt(Path file, Digest digest) throws IOException {
    Path target = pathOf(digest);
    steps.reach("blob to be kept");
    if (Files.exists(target) && Files.size(target) == Files.size(file)) {
      Files.delete(file);
      return;
    }
    Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    syncDirectory(target.getParent());
  }

  /**
   * Opens a blob for reading; the caller closes it. A blob that is deleted meanwhile stays readable
   * to the end.
   *
   * @throws ImageException NOT_FOUND if it is not here
   */
  public InputStream open(Digest digest) throws IOException {
    try {
      return Files.newInputStream(pathOf(digest));
    } catch (NoSuchFileException e) {
      throw new ImageException(NOT_FOUND, "blob " + digest + " is not in the content store", e);
    }
  }

  /**
   * Reads a small blob whole and checks it again, since what is decided by a manifest or
   * configuration is worth a hash.
   *
   * @throws ImageException NOT_FOUND if it is not here, CORRUPT if it is larger than the limit or
   *     damaged on disk
   */
  public byte[] read(Digest digest, int limitBytes) throws IOException {
    byte[] bytes;
    try (InputStream in = open(digest)) {
      bytes = in.readNBytes(limitBytes + 1);
    }
    if (bytes.length > limitBytes) {
      throw new ImageException(
          CORRUPT, "blob " + digest + " is larger than " + limitBytes + " bytes");
    }
    if (!Digest.finish(digest.algorithm(), digest.algorithm().start().digest(bytes))
        .equals(digest)) {
      throw new ImageException(CORRUPT, "blob " + digest + " was damaged on disk");
    }
    return bytes;
  }

  /**
   * Begins to write a blob of that digest and exact size; the caller commits it or not, and closes
   * it.
   */
  public Ingest ingest(Digest expected, long sizeBytes) throws IOException {
    Path file =
        ingests.resolve(expected.hex().substring(0, 16) + "." + nextIngest.getAndIncrement());
    return new Ingest(file, pathOf(expected), expected, sizeBytes, steps);
  }

  /**
   * Begins to write a blob whose digest comes out at its end; the caller keeps it or not, and
   * closes it.
   */
  public NewBlob receive() throws IOException {
    Path file = ingests.resolve("new." + nextIngest.getAndIncrement());
    return new NewBlob(file, this);
  }

  /** How many bytes of a blob have come that is on its way; nothing if it is not. */
  public Optional<Long> received(Digest digest) {
    return arrivals.find(digest).map(Arrival::received);
  }

  /**
   * Begins to fetch a blob of that digest and exact size, or goes on where an earlier arrival broke
   * off; waits while another one is under way. The caller commits it or not, and closes it.
   *
   * @throws ImageException CANCELLED if the work is to stop while it waits
   */
  public Arrival arrive(Digest expected, long sizeBytes, Cancellation cancellation)
      throws IOException {
    arrivals.sweep(Instant.now());
    return arrivals.open(expected, sizeBytes, pathOf(expected), cancellation);
  }

  /**
   * Opens a blob for reading that is here or on its way; reading waits for what has not come. For
   * one on its way the end is told only once it is here, whole and right. The caller closes it.
   *
   * @throws ImageException NOT_FOUND if it is neither; while reading, if it breaks off
   */
  public InputStream follow(Digest digest, Cancellation cancellation) throws IOException {
    Optional<Arrival> arrival = arrivals.find(digest);
    return arrival.isPresent() && !has(digest) ? arrival.get().read(cancellation) : open(digest);
  }

  /** Stores a small blob; does nothing if it is here already. */
  public void write(Digest digest, byte[] bytes) throws IOException {
    if (has(digest)) {
      return;
    }
    try (Ingest ingest = ingest(digest, bytes.length)) {
      ingest.write(ByteBuffer.wrap(bytes));
      ingest.commit();
    }
  }

  /**
   * Reads a blob whole and compares its digest.
   *
   * @return what is wrong, in words; nothing if it is right
   * @throws ImageException NOT_FOUND if it is not here
   * @throws ClosedByInterruptException if the thread is interrupted
   */
  public Optional<String> flaw(Digest digest) throws IOException {
    MessageDigest hash = digest.algorithm().start();
    byte[] buffer = new byte[1 << 20];
    try (InputStream in = open(digest)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        hash.update(buffer, 0, n);
      }
    } catch (ImageException | ClosedByInterruptException e) {
      throw e;
    } catch (IOException e) {
      return Optional.of("cannot be read: " + e.getMessage());
    }
    Digest actual = Digest.finish(digest.algorithm(), hash.digest());
    return actual.equals(digest)
        ? Optional.empty()
        : Optional.of("was damaged on disk: its digest is " + actual);
  }

  /** How many bytes a blob has. */
  public long sizeOf(Digest digest) throws IOException {
    return Files.size(pathOf(digest));
  }

  /**
   * Takes a damaged blob out of the store, so that it can come again. It is kept beside until the
   * next garbage is collected; tells where.
   */
  public Path setAside(Digest digest) throws IOException {
    Path aside = asideOf(digest);
    Files.move(pathOf(digest), aside, StandardCopyOption.REPLACE_EXISTING);
    syncDirectory(pathOf(digest).getParent());
    return aside;
  }

  private Path asideOf(Digest digest) {
    return damaged.resolve(digest.algorithm().prefix() + "-" + digest.hex());
  }

  /** Deletes a blob; deleting what is not here succeeds. */
  public void delete(Digest digest) throws IOException {
    Files.deleteIfExists(pathOf(digest));
    steps.reach("blob deleted");
  }

  /**
   * Deletes all blobs but those, what has come of others and is not under way, and damaged ones
   * that were set aside.
   */
  public void retainOnly(Set<Digest> wanted) throws IOException {
    arrivals.retainOnly(wanted);
    for (Digest blob : list()) {
      if (!wanted.contains(blob)) {
        delete(blob);
      }
    }
    try (DirectoryStream<Path> setAside = Files.newDirectoryStream(damaged)) {
      for (Path one : setAside) {
        Files.deleteIfExists(one);
      }
    }
  }

  /** Deletes these blobs, and what has come of them. */
  public void discard(Set<Digest> unwanted) throws IOException {
    arrivals.discard(unwanted);
    for (Digest blob : unwanted) {
      delete(blob);
    }
  }

  /** The digests of all blobs. */
  public Set<Digest> list() throws IOException {
    Set<Digest> all = new LinkedHashSet<>();
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      try (DirectoryStream<Path> files =
          Files.newDirectoryStream(blobs.resolve(algorithm.prefix()))) {
        for (Path file : files) {
          parse(algorithm.prefix() + ":" + file.getFileName()).ifPresent(all::add);
        }
      }
    }
    return all;
  }

  /** Nothing for a file that somebody else put here: it is not ours to use or to remove. */
  private static Optional<Digest> parse(String name) {
    try {
      return Optional.of(Digest.parse(name));
    } catch (InvalidReferenceException foreign) {
      return Optional.empty();
    }
  }

  /** The bytes of all blobs and of those arriving. */
  public long usedBytes() throws IOException {
    return walk(true);
  }

  /** The number of files of all blobs and of those arriving. */
  public long usedInodes() throws IOException {
    return walk(false);
  }

  private long walk(boolean bytes) throws IOException {
    try (var files = Files.walk(blobs.getParent())) {
      return files.mapToLong(file -> bytes ? sizeOf(file) : 1).sum();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static long sizeOf(Path file) {
    try {
      return Files.isRegularFile(file) ? Files.size(file) : 0;
    } catch (NoSuchFileException gone) {
      return 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes the names in a directory durable; a rename is not, until this is done (fsync(2), notes).
   */
  static void syncDirectory(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }
}
