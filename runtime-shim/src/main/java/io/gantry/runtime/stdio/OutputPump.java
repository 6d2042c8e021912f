package io.gantry.runtime.stdio;

import static io.gantry.runtime.linux.FileFlags.F_GETFL;
import static io.gantry.runtime.linux.FileFlags.F_SETFL;
import static io.gantry.runtime.linux.FileFlags.O_NONBLOCK;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Events;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Copies what a process prints to where it goes, on one thread for all given sources.
 *
 * <p>Draining is exact without waiting for the end of the pipe, which a surviving descendant may
 * hold open for ever: bytes that the process wrote before its exit are in the pipe when the exit is
 * known, so reading each source until it is empty once (or until more was read than a pipe holds)
 * has seen them all.
 */
final class OutputPump implements Runnable {
  private static final int BUFFER_BYTES = 16384;
  // Largest pipe an ordinary process can make (/proc/sys/fs/pipe-max-size); what a survivor writes
  // beyond it is not waited for.
  private static final int PIPE_BYTES_LIMIT = 1 << 20;
  private static final long WAKE = -1;

  private final Linux linux;
  private final Consumer<String> report;
  private final Fd wake;
  private final Fd stop;
  private final List<Source> sources = new ArrayList<>(); // the pump's thread, once it runs
  private final byte[] buffer = new byte[BUFFER_BYTES];
  private final CompletableFuture<Void> drained = new CompletableFuture<>();
  private final CompletableFuture<Void> ended = new CompletableFuture<>();
  private volatile boolean exited;
  private volatile boolean stopped;

  /**
   * @param report told once per source when output is lost
   */
  OutputPump(Linux linux, Consumer<String> report) throws LinuxException {
    this.linux = linux;
    this.report = report;
    this.wake = linux.events().createEvent();
    this.stop = linux.events().createEvent();
  }

  /** Raised when the pump is told to stop: for sinks that wait for a reader. */
  Fd stopEvent() {
    return stop;
  }

  /** Adds a source before the pump starts; owns both from now on. */
  void add(Fd file, OutputSink sink) throws LinuxException {
    int flags = linux.files().fcntl(file, F_GETFL, 0);
    linux.files().fcntl(file, F_SETFL, flags | O_NONBLOCK);
    sources.add(new Source(file, sink));
  }

  void start(Executor executor) {
    executor.execute(this);
  }

  /**
   * Tells that the process has ended; completes when everything it wrote before has been written
   * on.
   */
  CompletableFuture<Void> exited() {
    exited = true;
    raise(wake);
    return drained;
  }

  /**
   * Completes when no process holds the other end of any source any more, or after {@link #stop}.
   */
  CompletableFuture<Void> ended() {
    return ended;
  }

  /** Gives up what is not copied yet. */
  void stop() {
    stopped = true;
    raise(stop);
    raise(wake);
  }

  private void raise(Fd event) {
    synchronized (wake) {
      if (wake.isClosed()) {
        return;
      }
      try {
        linux.events().raise(event);
      } catch (LinuxException e) {
        // An eventfd fails only when its counter is full, that is when it is raised already
        // (eventfd(2)).
        report.accept("wake output pump: " + e.getMessage());
      }
    }
  }

  @Override
  public void run() {
    try (Fd poll = linux.events().createPoll()) {
      linux.events().add(poll, wake, Events.EPOLLIN, WAKE);
      for (int i = 0; i < sources.size(); i++) {
        linux.events().add(poll, sources.get(i).file, Events.EPOLLIN, i);
      }
      pump(poll);
    } catch (LinuxException e) {
      report.accept("copy output: " + e.getMessage());
    } finally {
      sources.forEach(Source::end);
      synchronized (wake) {
        wake.close();
        stop.close();
      }
      drained.complete(null);
      ended.complete(null);
    }
  }

  private void pump(Fd poll) throws LinuxException {
    long[] tokens = new long[sources.size() + 1];
    int[] events = new int[tokens.length];
    int open = sources.size();
    while (open > 0 && !stopped) {
      int count = linux.events().await(poll, tokens, events, -1);
      for (int i = 0; i < count; i++) {
        if (tokens[i] == WAKE) {
          linux.events().clear(wake);
        } else if (!copyOnce(sources.get((int) tokens[i]))) {
          linux.events().remove(poll, sources.get((int) tokens[i]).file);
          sources.get((int) tokens[i]).end();
          open--;
        }
      }
      if (exited && !drained.isDone()) {
        drain();
        drained.complete(null);
      }
    }
  }

  private void drain() throws LinuxException {
    for (Source source : sources) {
      int before = source.copied;
      while (!source.ended && !stopped && source.copied - before <= PIPE_BYTES_LIMIT) {
        int copied = source.copied;
        if (!copyOnce(source) || source.copied == copied) {
          break;
        }
      }
      source.flush();
    }
  }

  /** False at the end of the source. */
  private boolean copyOnce(Source source) throws LinuxException {
    int read;
    try {
      read = linux.files().read(source.file, buffer, 0, buffer.length);
    } catch (LinuxException e) {
      if (e.errno() == Errno.EAGAIN) {
        return true;
      }
      if (e.errno() == Errno.EIO) {
        // A terminal's master reads EIO when no process holds its other end any more (pty(7)).
        return false;
      }
      throw e;
    }
    if (read == 0) {
      return false;
    }
    source.copied += read;
    source.write(buffer, read);
    return true;
  }

  private final class Source {
    private final Fd file;
    private final OutputSink sink;
    private int copied; // wraps around; only differences are used
    private boolean ended;
    private boolean reported;

    Source(Fd file, OutputSink sink) {
      this.file = file;
      this.sink = sink;
    }

    void write(byte[] bytes, int length) {
      try {
        sink.write(bytes, 0, length);
      } catch (IOException e) {
        lost(e);
      }
    }

    void flush() {
      if (ended) {
        return;
      }
      try {
        sink.flush();
      } catch (IOException e) {
        lost(e);
      }
    }

    private void lost(IOException e) {
      if (!reported) {
        reported = true;
        report.accept("output is lost: " + e.getMessage());
      }
    }

    void end() {
      if (!ended) {
        flush();
        ended = true;
        sink.close();
        file.close();
      }
    }
  }
}
