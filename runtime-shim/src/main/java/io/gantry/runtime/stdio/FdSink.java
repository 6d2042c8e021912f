package io.gantry.runtime.stdio;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Events;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;

/**
 * Writes to a FIFO or file. A FIFO is non-blocking so that the pump can be stopped while its reader
 * does not read.
 */
final class FdSink implements OutputSink {
  private final Linux linux;
  private final Fd file;
  private final Fd stop;

  /**
   * @param file owned
   * @param stop raised when waiting for a reader has become pointless; not owned
   */
  FdSink(Linux linux, Fd file, Fd stop) {
    this.linux = linux;
    this.file = file;
    this.stop = stop;
  }

  @Override
  public void write(byte[] bytes, int offset, int length) throws IOException {
    int end = offset + length;
    for (int at = offset; at < end; ) {
      try {
        at += linux.files().write(file, bytes, at, end - at);
      } catch (LinuxException e) {
        if (e.errno() != Errno.EAGAIN) {
          throw e;
        }
        awaitReader();
      }
    }
  }

  private void awaitReader() throws IOException {
    Events events = linux.events();
    long[] tokens = new long[2];
    try (Fd poll = events.createPoll()) {
      events.add(poll, file, Events.EPOLLOUT, 0);
      events.add(poll, stop, Events.EPOLLIN, 1);
      int count = events.await(poll, tokens, new int[2], -1);
      for (int i = 0; i < count; i++) {
        if (tokens[i] == 1) {
          throw new IOException("output was given up: nobody reads it");
        }
      }
    }
  }

  @Override
  public void close() {
    file.close();
  }
}
