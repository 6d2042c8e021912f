package io.gantry.docker.engine.api;

import java.io.InputStream;
import java.io.OutputStream;

/** A connection that is no longer HTTP's: bytes in both directions. */
public interface Hijacked extends AutoCloseable {
  /** What the client sends; ends when it closes its direction, or is gone. */
  InputStream input();

  /** What the client gets; waits while it is slow. */
  OutputStream output();

  /** Ends the connection after what was written. */
  @Override
  void close();
}
