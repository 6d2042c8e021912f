package io.gantry.docker.cli.http;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * A connection whose two directions may be used by a thread each. Closing it from a third one ends
 * both.
 */
public interface Connection extends Closeable {
  InputStream in();

  OutputStream out();

  /** Tells the other side that no more comes; what it says can still be read. */
  void endOutput() throws IOException;
}
