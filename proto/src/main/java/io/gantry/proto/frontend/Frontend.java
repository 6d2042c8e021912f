package io.gantry.proto.frontend;

import java.io.IOException;

/**
 * Another interface to the same containers and images, which works as a client of the daemon's own
 * gRPC services. Found by {@link java.util.ServiceLoader}.
 */
public interface Frontend {

  /**
   * Begins to serve; returns once clients can connect.
   *
   * @throws IOException if it cannot, saying what was tried
   */
  Running start(FrontendContext context) throws IOException;

  /** A frontend that serves. */
  interface Running extends AutoCloseable {
    /** Ends it: no client is served any more. Containers run on. */
    @Override
    void close();
  }
}
