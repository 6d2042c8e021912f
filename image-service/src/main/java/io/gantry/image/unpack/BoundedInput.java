package io.gantry.image.unpack;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import io.gantry.image.failure.ImageException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/**
 * An uncompressed archive as it is read: hashed, and held to its limits so that a small bomb cannot
 * grow without end.
 */
final class BoundedInput extends FilterInputStream {

  private final MessageDigest hash;
  private final long limitBytes;
  private long count;

  /**
   * @param limitBytes the most that may come
   */
  BoundedInput(InputStream in, MessageDigest hash, long limitBytes) {
    super(in);
    this.hash = hash;
    this.limitBytes = limitBytes;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int n = super.read(buffer, offset, length);
    if (n > 0) {
      hash.update(buffer, offset, n);
      count += n;
      if (count > limitBytes) {
        throw new ImageException(
            CORRUPT,
            "the layer unpacks to more than "
                + limitBytes
                + " bytes, which is too much for its size");
      }
    }
    return n;
  }

  /** Reads instead of seeking, for every byte is to be hashed. */
  @Override
  public long skip(long wanted) throws IOException {
    byte[] scratch = new byte[(int) Math.min(Math.max(wanted, 0), 64 << 10)];
    long skipped = 0;
    while (skipped < wanted) {
      int n = read(scratch, 0, (int) Math.min(scratch.length, wanted - skipped));
      if (n < 0) {
        break;
      }
      skipped += n;
    }
    return skipped;
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
