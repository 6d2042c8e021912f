package io.gantry.runtime.stdio;

import static io.gantry.runtime.linux.FileFlags.F_GETFL;
import static io.gantry.runtime.linux.FileFlags.F_SETFL;
import static io.gantry.runtime.linux.FileFlags.O_NONBLOCK;
import static io.gantry.runtime.linux.FileFlags.O_RDONLY;
import static io.gantry.runtime.linux.FileFlags.O_WRONLY;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Events;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * Copies a FIFO to a process's standard input. It holds the FIFO's write end itself, so that
 * writers may come and go without the process seeing an end of file; {@link #finish} lets that go.
 */
final class InputPump implements Runnable, AutoCloseable {
  private static final int BUFFER_BYTES = 4096;
  private static final long STOP = 1;

  private final Linux linux;
  private final Fd source;
  private final Fd keptOpen;
  private final Fd target;
  private final Fd stop;
  private final Consumer<String> report;

  /**
   * @param target owned: closed after the last byte, which ends a pipe (a terminal has further
   *     descriptors)
   */
  InputPump(Linux linux, Path fifo, Fd target, Consumer<String> report) throws LinuxException {
    this.linux = linux;
    this.target = target;
    this.report = report;
    int flags = linux.files().fcntl(target, F_GETFL, 0);
    linux.files().fcntl(target, F_SETFL, flags | O_NONBLOCK);
    this.stop = linux.events().createEvent();
    Fd reader = null;
    try {
      reader = linux.files().open(Fd.CWD, fifo.toString(), O_RDONLY | O_NONBLOCK, 0);
      this.keptOpen = linux.files().open(Fd.CWD, fifo.toString(), O_WRONLY | O_NONBLOCK, 0);
    } catch (LinuxException e) {
      stop.close();
      if (reader != null) {
        reader.close();
      }
      throw e;
    }
    this.source = reader;
  }

  /**
   * No more input will come: what is in the FIFO still goes through, then the process sees the end.
   */
  void finish() {
    keptOpen.close();
  }

  /** Gives up. */
  @Override
  public void close() {
    synchronized (stop) {
      if (stop.isClosed()) {
        return;
      }
      try {
        linux.events().raise(stop);
      } catch (LinuxException e) {
        report.accept("stop input: " + e.getMessage());
      }
    }
  }

  @Override
  public void run() {
    byte[] buffer = new byte[BUFFER_BYTES];
    try {
      while (ready(source, Events.EPOLLIN)) {
        int read = linux.files().read(source, buffer, 0, buffer.length);
        if (read == 0 || !write(buffer, read)) {
          break;
        }
      }
    } catch (LinuxException e) {
      if (e.errno() != Errno.EPIPE && e.errno() != Errno.EIO) {
        // EPIPE and EIO: the process has closed its input, which is its right.
        report.accept("copy input: " + e.getMessage());
      }
    } finally {
      keptOpen.close();
      source.close();
      target.close();
      synchronized (stop) {
        stop.close();
      }
    }
  }

  private boolean write(byte[] buffer, int length) throws LinuxException {
    for (int at = 0; at < length; ) {
      try {
        at += linux.files().write(target, buffer, at, length - at);
      } catch (LinuxException e) {
        if (e.errno() != Errno.EAGAIN) {
          throw e;
        }
        if (!ready(target, Events.EPOLLOUT)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Waits for the descriptor; false when told to stop. */
  private boolean ready(Fd file, int event) throws LinuxException {
    long[] tokens = new long[2];
    try (Fd poll = linux.events().createPoll()) {
      linux.events().add(poll, file, event, 0);
      linux.events().add(poll, stop, Events.EPOLLIN, STOP);
      int count = linux.events().await(poll, tokens, new int[2], -1);
      for (int i = 0; i < count; i++) {
        if (tokens[i] == STOP) {
          return false;
        }
      }
      return true;
    }
  }
}
