package io.gantry.runtime.stdio;

import java.io.IOException;
import java.util.Arrays;

/**
 * Shows a process's output to whoever watches at the time. Thread-safe. Nothing is copied while
 * nobody does.
 */
final class Watchers {
  private static final OutputWatcher[] NOBODY = {};

  private volatile OutputWatcher[] watching = NOBODY; // replaced under this

  synchronized void add(OutputWatcher watcher) {
    OutputWatcher[] more = Arrays.copyOf(watching, watching.length + 1);
    more[more.length - 1] = watcher;
    watching = more;
  }

  /** Does nothing for one that does not watch. */
  synchronized void remove(OutputWatcher watcher) {
    OutputWatcher[] old = watching;
    for (int i = 0; i < old.length; i++) {
      if (old[i] == watcher) {
        OutputWatcher[] fewer = Arrays.copyOf(old, old.length - 1);
        System.arraycopy(old, i + 1, fewer, i, old.length - i - 1);
        watching = fewer;
        return;
      }
    }
  }

  /** A sink whose bytes are shown on their way into {@code sink}, which it owns. */
  OutputSink before(OutputSink sink, boolean stderr) {
    return new Shown(sink, stderr);
  }

  private final class Shown implements OutputSink {
    private final OutputSink sink;
    private final boolean stderr;

    Shown(OutputSink sink, boolean stderr) {
      this.sink = sink;
      this.stderr = stderr;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      // First, as a full disk loses lines of the log only.
      for (OutputWatcher watcher : watching) {
        watcher.output(stderr, bytes, offset, length);
      }
      sink.write(bytes, offset, length);
    }

    @Override
    public void flush() throws IOException {
      sink.flush();
    }

    @Override
    public void close() {
      sink.close();
    }
  }
}
