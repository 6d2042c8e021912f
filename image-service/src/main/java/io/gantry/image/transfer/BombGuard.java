package io.gantry.image.transfer;

import static io.gantry.image.failure.ImageException.Kind.CORRUPT;

import io.gantry.image.failure.ImageException;
import io.gantry.image.unpack.Decompression;
import io.gantry.image.unpack.TarReader;
import io.gantry.image.unpack.UnpackLimits;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/**
 * An archive as it is read, decompressed if need be, and refused once it grows to more than a
 * stranger's bytes may.
 */
public final class BombGuard extends FilterInputStream {

  /** Counts what really came. */
  private static final class Counted extends FilterInputStream {
    private long count;

    Counted(InputStream in) {
      super(in);
    }

    @Override
    public int read() throws IOException {
      int b = super.read();
      count += b < 0 ? 0 : 1;
      return b;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int n = super.read(buffer, offset, length);
      count += Math.max(n, 0);
      return n;
    }
  }

  private final Counted compressed;
  private final UnpackLimits limits;
  private long count;

  private BombGuard(InputStream in, Counted compressed, UnpackLimits limits) {
    super(in);
    this.compressed = compressed;
    this.limits = limits;
  }

  /** The archive's bytes, uncompressed; closing them closes the archive. */
  public static InputStream decompressed(InputStream archive, UnpackLimits limits)
      throws IOException {
    Counted counted = new Counted(archive);
    return new BombGuard(Decompression.of(counted), counted, limits);
  }

  /** Whether a failure is the archive's and not the disk's: the reader's own, or zstd's. */
  static boolean isMalformed(IOException e) {
    return e.getClass().getPackage().equals(TarReader.class.getPackage())
        || String.valueOf(e.getMessage()).contains("Zstd");
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int n = super.read(buffer, offset, length);
    count += Math.max(n, 0);
    long byRatio = Math.max(limits.freeBytes(), compressed.count * limits.expansion());
    if (count > Math.min(limits.bytes(), byRatio)) {
      throw new ImageException(
          CORRUPT, "the archive grows to more than " + count + " bytes, too much for its size");
    }
    return n;
  }

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
