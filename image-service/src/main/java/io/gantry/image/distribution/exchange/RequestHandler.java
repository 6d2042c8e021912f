package io.gantry.image.distribution.exchange;

import java.io.IOException;

/** Answers requests; thread-safe, and may block. */
public interface RequestHandler {
  /**
   * @throws ClientGoneException if there is nobody left to answer
   * @throws IOException never for a fault of the client's: that is an answer, too
   */
  Answer handle(Request request) throws IOException;
}
