package io.gantry.image.content;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Reads a blob behind those who write it. Confined to one thread. */
final class ArrivingInput extends InputStream {

  /** Waits for bytes. */
  interface Frontier {
    /** Tells how far bytes reach that begin at a place: beyond it, or to the blob's end. */
    long beyond(long position) throws IOException;
  }

  private final FileChannel file;
  private final long sizeBytes;
  private final Frontier frontier;
  private long position;

  ArrivingInput(FileChannel file, long sizeBytes, Frontier frontier) {
    this.file = file;
    this.sizeBytes = sizeBytes;
    this.frontier = frontier;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (length == 0) {
      return 0;
    }
    long reach = frontier.beyond(position);
    if (reach <= position) {
      return -1;
    }
    int most = (int) Math.min(length, reach - position);
    int n = file.read(ByteBuffer.wrap(buffer, offset, most), position);
    if (n < 0) {
      throw new EOFException("an arriving blob was cut short on disk");
    }
    position += n;
    return n;
  }

  /**
   * All that is still to come: gzip's reader takes 0 for the end, even between the members of an
   * archive that has several.
   */
  @Override
  public int available() {
    return (int) Math.min(Integer.MAX_VALUE, sizeBytes - position);
  }

  @Override
  public void close() throws IOException {
    file.close();
  }
}
