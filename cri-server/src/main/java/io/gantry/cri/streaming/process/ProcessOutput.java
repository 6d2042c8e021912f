package io.gantry.cri.streaming.process;

import java.nio.ByteBuffer;

/**
 * Where a session's output goes. The session calls it on a thread of its own, one call at a time; a
 * call returns when there is room for more, which is the backpressure. Nothing is thrown when the
 * client is gone: output is dropped then, and the session is closed.
 */
public interface ProcessOutput {

  /** Takes all remaining bytes; the caller may use the buffer again afterwards. */
  void stdout(ByteBuffer bytes) throws InterruptedException;

  /** Takes all remaining bytes; never called with a terminal. */
  void stderr(ByteBuffer bytes) throws InterruptedException;
}
