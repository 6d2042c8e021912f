package io.gantry.image.distribution.upload;

import io.gantry.image.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;

/**
 * A file that grows at its end and is hashed as it does. It is open only while somebody works on
 * it; the state of the hash outlasts that, so that only what another process wrote is read again.
 * Confined to one thread at a time.
 */
final class PartialFile {

  private static final int BUFFER_BYTES = 256 << 10;

  private final Path path;
  private final Digest.Algorithm algorithm;
  private final MessageDigest hash;
  private FileChannel channel;
  // So many bytes have been hashed, and lie in the file.
  private long size;

  PartialFile(Path path, Digest.Algorithm algorithm) {
    this.path = path;
    this.algorithm = algorithm;
    this.hash = algorithm.start();
  }

  /** Opens the file, which must exist; {@link #close} makes an end, and it can be opened again. */
  void open() throws IOException {
    channel = FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE);
    try {
      if (channel.size() != size) {
        hash.reset();
        size = hash(hash);
      }
      channel.position(size);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private long hash(MessageDigest into) throws IOException {
    channel.position(0);
    // Not closed: the channel is the file's.
    InputStream in = Channels.newInputStream(channel);
    byte[] buffer = new byte[BUFFER_BYTES];
    long total = 0;
    for (int count = in.read(buffer); count > 0; count = in.read(buffer)) {
      into.update(buffer, 0, count);
      total += count;
    }
    return total;
  }

  long size() {
    return size;
  }

  /** Adds all of the bytes. */
  void append(ByteBuffer bytes) throws IOException {
    // Written first: what is hashed is in the file, also when the disk is full.
    ByteBuffer same = bytes.duplicate();
    try {
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    } finally {
      same.limit(bytes.position());
      size += same.remaining();
      hash.update(same);
    }
  }

  /** The digest of the whole; another algorithm than the file's own reads it once more. */
  Digest digest(Digest.Algorithm wanted) throws IOException {
    if (wanted == algorithm) {
      try {
        return Digest.finish(algorithm, ((MessageDigest) hash.clone()).digest());
      } catch (CloneNotSupportedException e) {
        throw new IllegalStateException("this Java's " + algorithm + " cannot be copied", e);
      }
    }
    MessageDigest other = wanted.start();
    hash(other);
    channel.position(size);
    return Digest.finish(wanted, other.digest());
  }

  void sync() throws IOException {
    channel.force(true);
  }

  void close() throws IOException {
    channel.close();
  }
}
