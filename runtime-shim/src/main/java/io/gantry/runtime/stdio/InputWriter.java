package io.gantry.runtime.stdio;

import static io.gantry.runtime.linux.FileFlags.F_GETFL;
import static io.gantry.runtime.linux.FileFlags.F_SETFL;
import static io.gantry.runtime.linux.FileFlags.O_NONBLOCK;

import io.gantry.runtime.linux.Errno;
import io.gantry.runtime.linux.Events;
import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.LinuxException;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * Writes what others send to a process's standard input, piece by piece in the order of sending. It
 * holds a thread only while there is something to write. Thread-safe; only its own thread ever
 * waits for the process to read. How much may wait is the senders' matter, who are told of each
 * piece taken. Pieces that come before there is anything to write to wait for {@link #open}.
 */
final class InputWriter implements Runnable {
  private static final long STOP = 1;

  private record Piece(byte[] bytes, Runnable taken) {}

  private final Linux linux;
  private final Executor executor;
  private final Consumer<String> report;
  private final Object lock = new Object();
  private final ArrayDeque<Piece> pieces = new ArrayDeque<>(2); // guarded by lock
  private volatile Fd target; // written under lock; null before there is one
  private boolean writing; // guarded by lock; the target is the writing thread's while it is set
  private boolean ended; // guarded by lock: no piece is taken in any more
  private boolean stopped; // guarded by lock: nor is one written
  private Fd stop; // guarded by lock; null unless the process is waited for

  /**
   * @param executor unbounded
   */
  InputWriter(Linux linux, Executor executor, Consumer<String> report) {
    this.linux = linux;
    this.executor = executor;
    this.report = report;
  }

  /**
   * Begins to write, with what has come already.
   *
   * @param file owned, also if this fails: closed after the last byte, which ends a pipe (a
   *     terminal has further descriptors)
   */
  void open(Fd file) throws LinuxException {
    try {
      int flags = linux.files().fcntl(file, F_GETFL, 0);
      linux.files().fcntl(file, F_SETFL, flags | O_NONBLOCK);
    } catch (LinuxException e) {
      file.close();
      throw e;
    }
    synchronized (lock) {
      target = file;
      if (!pieces.isEmpty()) {
        begin();
      } else if (ended) {
        closeIfIdle();
      }
    }
  }

  /**
   * Sends a piece, whose bytes the caller leaves alone from now on.
   *
   * @param taken told once the process has the bytes, or will never have them; on another thread
   * @return false if no input is wanted any more: nothing is told then
   */
  boolean write(byte[] bytes, Runnable taken) {
    synchronized (lock) {
      if (ended) {
        return false;
      }
      pieces.add(new Piece(bytes, taken));
      begin();
      return true;
    }
  }

  /** No piece will come any more: what has been sent still goes through, then the input ends. */
  void finish() {
    synchronized (lock) {
      ended = true;
      closeIfIdle();
    }
  }

  /** Gives up what is not written yet. */
  void close() {
    synchronized (lock) {
      ended = true;
      stopped = true;
      if (stop != null) {
        try {
          linux.events().raise(stop);
        } catch (LinuxException e) {
          report.accept("stop input: " + e.getMessage());
        }
      }
      closeIfIdle();
    }
  }

  /** Called with the lock held. The writing thread closes the target else. */
  private void closeIfIdle() {
    if (writing) {
      return;
    }
    if (!pieces.isEmpty()) {
      // Who has sent them must be told, also if they cannot be written any more.
      if (target != null || stopped) {
        begin();
      }
    } else if (target != null) {
      target.close();
    }
  }

  /** Called with the lock held. */
  private void begin() {
    if (!writing && (target != null || stopped)) {
      writing = true;
      executor.execute(this);
    }
  }

  @Override
  public void run() {
    while (true) {
      Piece piece;
      boolean given;
      synchronized (lock) {
        piece = pieces.poll();
        if (piece == null) {
          writing = false;
          if (ended && target != null) {
            target.close();
          }
          return;
        }
        given = stopped;
      }
      if (!given) {
        write(piece.bytes());
      }
      piece.taken().run();
    }
  }

  private void write(byte[] bytes) {
    try {
      for (int at = 0; at < bytes.length; ) {
        try {
          at += linux.files().write(target, bytes, at, bytes.length - at);
        } catch (LinuxException e) {
          if (e.errno() != Errno.EAGAIN) {
            throw e;
          }
          if (!awaitRoom()) {
            return;
          }
        }
      }
    } catch (LinuxException e) {
      if (e.errno() != Errno.EPIPE && e.errno() != Errno.EIO) {
        // EPIPE and EIO: the process has closed its input, which is its right.
        report.accept("write input: " + e.getMessage());
      }
      synchronized (lock) {
        ended = true;
        stopped = true;
      }
    }
  }

  /** Waits until the process has read something; false when told to stop. */
  private boolean awaitRoom() throws LinuxException {
    Fd woken;
    synchronized (lock) {
      if (stopped) {
        return false;
      }
      stop = linux.events().createEvent();
      woken = stop;
    }
    long[] tokens = new long[2];
    try (Fd poll = linux.events().createPoll()) {
      linux.events().add(poll, target, Events.EPOLLOUT, 0);
      linux.events().add(poll, woken, Events.EPOLLIN, STOP);
      int count = linux.events().await(poll, tokens, new int[2], -1);
      for (int i = 0; i < count; i++) {
        if (tokens[i] == STOP) {
          return false;
        }
      }
      return true;
    } finally {
      synchronized (lock) {
        stop = null;
        woken.close();
      }
    }
  }
}
