package io.gantry.image.check;

import java.io.IOException;
import java.io.InputStream;
import java.util.zip.CRC32C;

/**
 * The length and checksum of a file's content. It is damage that is looked for and not an attacker,
 * who would need the host's root to change a layer.
 */
final class Checksum {

  private static final byte[] ZEROS = new byte[64 << 10];

  private final CRC32C sum = new CRC32C();
  private long bytes;

  static Checksum of(InputStream content, byte[] buffer) throws IOException {
    Checksum checksum = new Checksum();
    for (int n = content.read(buffer); n >= 0; n = content.read(buffer)) {
      checksum.update(buffer, 0, n);
    }
    return checksum;
  }

  void update(byte[] content, int offset, int length) {
    sum.update(content, offset, length);
    bytes += length;
  }

  void zeros(long length) {
    long left = length;
    while (left > 0) {
      int n = (int) Math.min(left, ZEROS.length);
      update(ZEROS, 0, n);
      left -= n;
    }
  }

  long bytes() {
    return bytes;
  }

  boolean matches(Checksum other) {
    return bytes == other.bytes && sum.getValue() == other.sum.getValue();
  }
}
