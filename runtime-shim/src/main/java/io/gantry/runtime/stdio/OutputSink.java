package io.gantry.runtime.stdio;

import java.io.IOException;

/** Where one output stream of a process goes. Used by one thread at a time. */
public interface OutputSink extends AutoCloseable {
  /**
   * Takes bytes; may block while a reader is slow.
   *
   * @throws IOException when they are lost. The pump reports the first such failure and keeps
   *     draining, so that a full disk or a lost reader never stops the process.
   */
  void write(byte[] bytes, int offset, int length) throws IOException;

  /** The process has ended, or its end of the pipe is closed: what is held back must go out now. */
  default void flush() throws IOException {}

  /** Frees descriptors; called once, after the last write. */
  @Override
  void close();
}
