package io.gantry.cri.streaming.process;

import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;

/**
 * One exec or attach in progress. No method blocks, and each may be called on any thread; those
 * about stdin come one after another.
 */
public interface ProcessSession extends AutoCloseable {

  /**
   * Passes input on. The caller leaves {@code bytes} alone and sends nothing more before the answer
   * has completed, which is the backpressure.
   *
   * @return completes when the bytes are taken, or when nobody will ever read them: a process that
   *     closed its stdin is no failure of the session
   */
  CompletableFuture<Void> stdin(ByteBuffer bytes);

  /** No more input will come; called at most once, and when no {@link #stdin} is in flight. */
  void closeStdin();

  /** The terminal's new size, in characters, each 1-65535; without a terminal it is ignored. */
  void resize(int width, int height);

  /**
   * How the session ended. Completes, never exceptionally, after the last call to the {@link
   * ProcessOutput} has returned.
   */
  CompletableFuture<SessionEnd> ended();

  /**
   * The client is gone: ends the process of an exec, detaches from an attached one. Harmless when
   * the session has ended, and when repeated.
   */
  @Override
  void close();
}
