package io.gantry.image.distribution.cache;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.reference.Digest;
import io.gantry.image.registry.BlobStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * One blob that is arriving, with those who read it as it does. They get the last byte only once
 * all of it has proved right, so that nobody takes a wrong blob for whole. Thread-safe; written by
 * one thread.
 */
final class Arrival implements BlobStream {

  private final Path file;
  private final Descriptor blob;
  private final MessageDigest hash;
  private final FileChannel channel;
  // All guarded by this. The file is closed when neither writer nor readers are left.
  private int users = 1;
  private long received;
  private int beginnings;
  private boolean whole;
  private String failure;

  private Arrival(Path file, Descriptor blob, FileChannel channel) {
    this.file = file;
    this.blob = blob;
    this.channel = channel;
    this.hash = blob.digest().algorithm().start();
  }

  static Arrival begin(Path file, Descriptor blob) throws IOException {
    return new Arrival(
        file,
        blob,
        FileChannel.open(
            file,
            StandardOpenOption.CREATE_NEW,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE));
  }

  Path file() {
    return file;
  }

  Descriptor blob() {
    return blob;
  }

  @Override
  public synchronized long received() {
    return received;
  }

  @Override
  public void write(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (length > blob.sizeBytes() - received()) {
      throw new ImageException(
          CORRUPT,
          "blob " + blob.digest() + " is larger than the " + blob.sizeBytes() + " bytes announced");
    }
    hash.update(bytes.duplicate());
    long place = received();
    while (bytes.hasRemaining()) {
      place += channel.write(bytes, place);
    }
    synchronized (this) {
      received += length;
      notifyAll();
    }
  }

  @Override
  public void complete() throws IOException {
    Digest actual = Digest.finish(blob.digest().algorithm(), hash.digest());
    if (received() != blob.sizeBytes() || !actual.equals(blob.digest())) {
      throw new ImageException(
          CORRUPT, "blob " + blob.digest() + " arrived with other content: " + actual);
    }
    channel.force(true);
  }

  @Override
  public void reset() throws IOException {
    channel.truncate(0);
    hash.reset();
    synchronized (this) {
      received = 0;
      // Whoever has read of it already has read what was wrong.
      beginnings++;
      notifyAll();
    }
  }

  /** It is the store's now. */
  void succeed() throws IOException {
    synchronized (this) {
      whole = true;
      notifyAll();
    }
    leave();
  }

  void fail(String reason) throws IOException {
    synchronized (this) {
      failure = reason == null ? "it failed" : reason;
      notifyAll();
    }
    Files.deleteIfExists(file);
    leave();
  }

  /** Joins the readers, while the writer is there. */
  synchronized Follower follow(long first) {
    users++;
    return new Follower(this, first);
  }

  void leave() throws IOException {
    boolean last;
    synchronized (this) {
      users--;
      last = users == 0;
    }
    if (last) {
      channel.close();
    }
  }

  int read(ByteBuffer into, long position) throws IOException {
    return channel.read(into, position);
  }

  /** What may be read, and from which beginning. */
  record Extent(long end, int beginning) {}

  /**
   * Waits until there is something to read behind {@code position}.
   *
   * @throws IOException if there will not be
   */
  synchronized Extent await(long position) throws IOException {
    while (true) {
      if (failure != null) {
        throw new IOException("blob " + blob.digest() + ": " + failure);
      }
      long end = whole ? blob.sizeBytes() : Math.min(received, blob.sizeBytes() - 1);
      if (end > position) {
        return new Extent(end, beginnings);
      }
      try {
        // Bounded by the client's own patience with the other registry.
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
  }
}
