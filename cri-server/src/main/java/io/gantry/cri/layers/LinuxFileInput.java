package io.gantry.cri.layers;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Files;
import java.io.IOException;
import java.io.InputStream;

/** Reads an open file; closing it closes the descriptor. */
final class LinuxFileInput extends InputStream {

  private final Files files;
  private final Fd file;

  LinuxFileInput(Files files, Fd file) {
    this.files = files;
    this.file = file;
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
    int n = files.read(file, buffer, offset, length);
    return n == 0 ? -1 : n;
  }

  @Override
  public void close() {
    file.close();
  }
}
