package io.gantry.runtime.stdio;

import static io.gantry.runtime.linux.FileFlags.O_APPEND;
import static io.gantry.runtime.linux.FileFlags.O_CREAT;
import static io.gantry.runtime.linux.FileFlags.O_NONBLOCK;
import static io.gantry.runtime.linux.FileFlags.O_RDWR;
import static io.gantry.runtime.linux.FileFlags.O_WRONLY;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.FileFlags;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.nio.file.Path;

/** Opens what a process's output is to go to; streams to one log share it. Thread-safe. */
final class OutputTargets {
  private final Linux linux;
  private CriLog log; // guarded by this; null without one

  OutputTargets(Linux linux) {
    this.linux = linux;
  }

  /**
   * @param stream {@code stdout} or {@code stderr}
   * @param stop raised when waiting for a reader has become pointless; not owned
   */
  synchronized OutputSink open(StdioUri uri, String stream, Fd stop) throws IOException {
    if (uri instanceof StdioUri.CriLogFile file) {
      if (log == null) {
        log =
            CriLog.open(
                linux.files(),
                file.path(),
                file.partBytes(),
                file.maxBytes(),
                file.bytesPerSecond());
      }
      return log.stream(stream);
    }
    if (uri instanceof StdioUri.AppendedFile file) {
      java.nio.file.Files.createDirectories(file.path().getParent());
      Fd fd =
          linux.files().open(Fd.CWD, file.path().toString(), O_WRONLY | O_APPEND | O_CREAT, 0644);
      return new FdSink(linux, fd, stop);
    }
    if (uri instanceof StdioUri.FifoOrFile path) {
      return new FdSink(linux, openFifoOrFile(path.path()), stop);
    }
    if (uri instanceof StdioUri.Nowhere || uri instanceof StdioUri.Watched) {
      return new Discard();
    }
    throw new IOException(stream + " " + uri + ": only input can come from there");
  }

  private Fd openFifoOrFile(Path path) throws LinuxException {
    int kind = linux.files().stat(Fd.CWD, path.toString(), 0).mode() & FileFlags.S_IFMT;
    // Opened for both directions a FIFO keeps a reader, so that a lost one is neither an error nor
    // a signal (fifo(7)).
    int flags = kind == FileFlags.S_IFIFO ? O_RDWR | O_NONBLOCK : O_WRONLY | O_APPEND;
    return linux.files().open(Fd.CWD, path.toString(), flags, 0);
  }

  /** Opens the CRI log anew; does nothing without one. */
  void reopenLog() throws IOException {
    CriLog current;
    synchronized (this) {
      current = log;
    }
    if (current != null) {
      current.reopen();
    }
  }

  /** Output nobody wants: it is read all the same, or the process would block. */
  static final class Discard implements OutputSink {
    @Override
    public void write(byte[] bytes, int offset, int length) {}

    @Override
    public void close() {}
  }
}
