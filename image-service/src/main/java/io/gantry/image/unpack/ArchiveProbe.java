package io.gantry.image.unpack;

import java.io.IOException;
import java.io.InputStream;

/** Tells archives from other files by what they hold, since names say nothing. */
public final class ArchiveProbe {
  private static final int CHECKSUM_OFFSET = 148;
  private static final int CHECKSUM_BYTES = 8;

  private ArchiveProbe() {}

  /** Whether a file is a tar archive, plain or compressed; reads its beginning, closes nothing. */
  public static boolean isTar(InputStream file) {
    try {
      byte[] block = Decompression.ofAny(file).readNBytes(TarHeader.BLOCK_BYTES);
      return block.length == TarHeader.BLOCK_BYTES && !TarHeader.isZero(block) && sums(block);
    } catch (IOException damaged) {
      return false;
    }
  }

  private static boolean sums(byte[] block) {
    long sum = 0;
    for (int i = 0; i < block.length; i++) {
      boolean inChecksum = i >= CHECKSUM_OFFSET && i < CHECKSUM_OFFSET + CHECKSUM_BYTES;
      sum += inChecksum ? ' ' : block[i] & 0xff;
    }
    long written = 0;
    boolean digits = false;
    for (int i = CHECKSUM_OFFSET; i < CHECKSUM_OFFSET + CHECKSUM_BYTES; i++) {
      if (block[i] >= '0' && block[i] <= '7') {
        written = written * 8 + block[i] - '0';
        digits = true;
      }
    }
    return digits && sum == written;
  }
}
