package io.gantry.image.archive;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/** A file's content, then zeros for ever: a file that gets shorter does not end the archive. */
final class PaddedInput extends InputStream {
  private final InputStream content;
  private boolean over;

  /**
   * @param content stays the caller's to close
   */
  PaddedInput(InputStream content) {
    this.content = content;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = over ? -1 : content.read(buffer, offset, length);
    if (count >= 0) {
      return count;
    }
    over = true;
    Arrays.fill(buffer, offset, offset + length, (byte) 0);
    return length;
  }
}
