package io.gantry.image.content;

import static io.gantry.image.failure.ImageException.Kind.CANCELLED;
import static io.gantry.image.failure.ImageException.Kind.CORRUPT;
import static io.gantry.image.failure.ImageException.Kind.STORAGE;
import static io.gantry.image.failure.ImageException.Kind.UNAVAILABLE;

import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.Digest;
import io.gantry.image.step.Steps;
import io.gantry.image.work.Cancellation;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

/**
 * A blob on its way into the store, which several connections may fill at once, each a part of its
 * own, and which can be read from its beginning while it comes. What has come is noted beside it,
 * so that another arrival of the same blob goes on there, also in a later process; but only bytes
 * that are found on disk as they came are built upon. Thread-safe.
 */
public final class Arrival implements Closeable {

  private final Digest expected;
  private final long sizeBytes;
  private final Path file;
  private final Path target;
  private final FileChannel channel;
  private final Steps steps;
  private final Runnable whenClosed;
  // Taken before the lock of this where both are needed; held by whoever hashes.
  private final ReentrantLock hashingLock = new ReentrantLock();
  // Guarded by hashingLock.
  private final Hashing hashing;
  // All guarded by this.
  private final Chunks chunks;
  private boolean committed;
  private boolean spoilt;
  private boolean closed;
  private int generation;

  private Arrival(
      Digest expected,
      long sizeBytes,
      Path file,
      Path target,
      FileChannel channel,
      Chunks chunks,
      Steps steps,
      Runnable whenClosed) {
    this.expected = expected;
    this.sizeBytes = sizeBytes;
    this.file = file;
    this.target = target;
    this.channel = channel;
    this.chunks = chunks;
    this.steps = steps;
    this.whenClosed = whenClosed;
    this.hashing = new Hashing(channel, expected.algorithm());
  }

  /**
   * @param file where it is until it is whole; what is there already is gone on with
   * @param whenClosed run once, after the file is no longer used
   */
  static Arrival open(
      Digest expected, long sizeBytes, Path file, Path target, Steps steps, Runnable whenClosed)
      throws IOException {
    FileChannel channel =
        FileChannel.open(
            file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      Chunks chunks = Chunks.open(sizeBytes, Notes.of(file, expected, sizeBytes), channel);
      return new Arrival(expected, sizeBytes, file, target, channel, chunks, steps, whenClosed);
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  public Digest digest() {
    return expected;
  }

  public long sizeBytes() {
    return sizeBytes;
  }

  /** How many bytes have come, wherever they belong. */
  public synchronized long received() {
    return chunks.received();
  }

  /** Whether every byte has come. */
  public boolean isWhole() {
    return received() == sizeBytes;
  }

  /** A stretch of the blob that one connection fills, from its beginning on. One thread's. */
  public final class Part implements Closeable {
    private final long end;
    private final int of;
    private long at;

    private Part(long at, long end, int of) {
      this.at = at;
      this.end = end;
      this.of = of;
    }

    /** Where the next byte belongs. */
    public long at() {
      return at;
    }

    /** Behind its last byte. */
    public long end() {
      return end;
    }

    /**
     * Takes bytes, all of them, which must not be more than it lacks.
     *
     * @throws ImageException STORAGE if they cannot be written, or the arrival was given up
     */
    public void write(ByteBuffer bytes) throws IOException {
      if (bytes.remaining() > end - at) {
        throw new ImageException(
            CORRUPT, "blob " + expected + ": more bytes came than were asked for");
      }
      ByteBuffer again = bytes.duplicate();
      long position = at;
      while (bytes.hasRemaining()) {
        position += channel.write(bytes, position);
      }
      synchronized (Arrival.this) {
        checkOpen(of);
        chunks.came(at, again);
        at = position;
        Arrival.this.notifyAll();
      }
      hashOn();
    }

    /** Gives back what has not come. */
    @Override
    public void close() {
      synchronized (Arrival.this) {
        if (of == generation) {
          chunks.giveBack(at, end);
        }
      }
    }
  }

  /**
   * A part that nobody fills yet.
   *
   * @param mostBytes how long it may be
   * @return nothing if there is none: all has come, or is on its way
   */
  public synchronized Optional<Part> part(long mostBytes) throws IOException {
    checkOpen(generation);
    return chunks.take(mostBytes).map(taken -> new Part(taken.from(), taken.to(), generation));
  }

  private void checkOpen(int of) throws ImageException {
    if (closed) {
      throw new ImageException(STORAGE, "blob " + expected + " is no longer arriving");
    }
    if (of != generation) {
      throw new ImageException(CORRUPT, "blob " + expected + " has begun anew");
    }
  }

  /** Hashes what there is, unless somebody is about it. */
  private void hashOn() throws IOException {
    if (hashingLock.tryLock()) {
      try {
        hashing.follow(frontier());
      } finally {
        hashingLock.unlock();
      }
    }
  }

  private synchronized long frontier() {
    return chunks.frontier();
  }

  /** Forgets all bytes, since some were not the blob's; whoever reads it fails. */
  public void reset() throws IOException {
    hashingLock.lock();
    try {
      hashing.reset();
      synchronized (this) {
        chunks.forget();
        channel.truncate(0);
        generation++;
        notifyAll();
      }
    } finally {
      hashingLock.unlock();
    }
  }

  /** Says that nothing of it is worth keeping, because it is not the blob or the disk failed. */
  public synchronized void spoil() {
    spoilt = true;
  }

  /**
   * Checks the digest over what is on disk and makes the blob part of the store, durably.
   *
   * @throws ImageException CORRUPT if bytes are missing or the content is not what was expected
   */
  public void commit(Cancellation cancellation) throws IOException {
    if (!isWhole()) {
      throw new ImageException(
          CORRUPT,
          "blob " + expected + " ended after " + received() + " of " + sizeBytes + " bytes");
    }
    Digest actual = actual(cancellation);
    if (!actual.equals(expected)) {
      throw new ImageException(
          CORRUPT, "blob " + expected + " arrived with other content: its digest is " + actual);
    }
    steps.reach("blob to be kept");
    channel.force(true);
    synchronized (this) {
      checkOpen(generation);
      Files.move(file, target, StandardCopyOption.ATOMIC_MOVE);
      ContentStore.syncDirectory(target.getParent());
      committed = true;
      notifyAll();
    }
    steps.reach("blob kept");
  }

  private Digest actual(Cancellation cancellation) throws IOException {
    hashingLock.lock();
    try {
      return hashing.finish(sizeBytes, cancellation);
    } finally {
      hashingLock.unlock();
    }
  }

  /**
   * Reads the blob from its beginning, waiting for bytes that have not come. Its end is told only
   * once the blob is in the store, so whoever has read to the end has read the right bytes. The
   * caller closes it.
   */
  InputStream read(Cancellation cancellation) throws IOException {
    int of;
    synchronized (this) {
      of = generation;
    }
    FileChannel bytes;
    try {
      bytes = FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException committedMeanwhile) {
      bytes = FileChannel.open(target, StandardOpenOption.READ);
    }
    return new ArrivingInput(bytes, sizeBytes, position -> await(position, of, cancellation));
  }

  /** Waits until there are bytes at a place, or nothing more to come; tells how far they reach. */
  private long await(long position, int of, Cancellation cancellation) throws IOException {
    return cancellation.wait(
        this::wake,
        () -> {
          synchronized (this) {
            while (!committed) {
              cancellation.check();
              if (closed || of != generation) {
                throw new ImageException(
                    UNAVAILABLE, "blob " + expected + " broke off while it was unpacked");
              }
              long frontier = chunks.frontier();
              if (frontier > position) {
                return frontier;
              }
              waitInterruptibly();
            }
            return sizeBytes;
          }
        });
  }

  private synchronized void wake() {
    notifyAll();
  }

  private void waitInterruptibly() throws ImageException {
    try {
      wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(CANCELLED, "interrupted", e);
    }
  }

  /** Leaves what a later arrival can build upon, and nothing else. */
  @Override
  public void close() throws IOException {
    synchronized (this) {
      if (closed) {
        return;
      }
      closed = true;
      notifyAll();
    }
    try {
      channel.close();
      boolean keep;
      synchronized (this) {
        keep = !committed && !spoilt && chunks.noted() > 0;
      }
      if (!keep) {
        Files.deleteIfExists(file);
        Files.deleteIfExists(Notes.fileBeside(file));
      }
    } finally {
      whenClosed.run();
    }
  }
}
