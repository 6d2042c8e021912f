package io.gantry.image.content;

import io.gantry.image.reference.Digest;
import io.gantry.image.work.Cancellation;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;

/**
 * The digest of a file that grows: taken from the bytes on disk, behind whoever writes them, in
 * their order however they came. Confined to one thread at a time.
 */
final class Hashing {

  private static final int STEP_BYTES = 256 << 10;

  private final FileChannel file;
  private final Digest.Algorithm algorithm;
  private final MessageDigest hash;
  private ByteBuffer buffer;
  private long hashed;

  Hashing(FileChannel file, Digest.Algorithm algorithm) {
    this.file = file;
    this.algorithm = algorithm;
    this.hash = algorithm.start();
  }

  /** Goes on to at most that place, if it is worth a step. */
  void follow(long frontier) throws IOException {
    if (frontier - hashed >= STEP_BYTES) {
      to(frontier, new Cancellation());
    }
  }

  /** Ends at the file's end. */
  Digest finish(long sizeBytes, Cancellation cancellation) throws IOException {
    to(sizeBytes, cancellation);
    return Digest.finish(algorithm, hash.digest());
  }

  private void to(long end, Cancellation cancellation) throws IOException {
    if (buffer == null) {
      buffer = ByteBuffer.allocate(STEP_BYTES);
    }
    while (hashed < end) {
      cancellation.check();
      buffer.clear().limit((int) Math.min(STEP_BYTES, end - hashed));
      int n = file.read(buffer, hashed);
      if (n < 0) {
        throw new EOFException("an arriving blob was cut short on disk");
      }
      hash.update(buffer.flip());
      hashed += n;
    }
  }

  void reset() {
    hash.reset();
    hashed = 0;
  }
}
