package io.gantry.docker.engine.api;

import java.io.IOException;
import java.io.OutputStream;

/**
 * A request and the one answer to it. Used by the thread that handles it; {@link #onGone} may be
 * told on any other.
 */
public interface Exchange {
  Request request();

  /** Adds a header to the answer, before it begins. */
  void header(String name, String value);

  /** Answers without a body. */
  void answer(int status) throws IOException;

  /** Answers with a document. */
  void answer(int status, Object json) throws IOException;

  /** Answers with bytes. */
  void answer(int status, String contentType, byte[] body) throws IOException;

  /**
   * Begins an answer whose length is not known; its head goes out at once. What is written goes out
   * with each {@code write}, which waits while the client is slow. Closing ends the answer.
   */
  OutputStream stream(int status, String contentType) throws IOException;

  /**
   * Takes the connection from HTTP: what follows are bytes in both directions.
   *
   * @param contentType announced in the answer's head
   */
  Hijacked hijack(String contentType) throws IOException;

  /**
   * Takes the connection from HTTP for another protocol, of which the request's header {@code
   * Upgrade} speaks.
   *
   * @param moreHeaders of the answer, as {@code Name: value}
   */
  Hijacked upgrade(String protocol, String... moreHeaders) throws IOException;

  /** Whether an answer has begun: a failure can no longer have a status of its own then. */
  boolean isBegun();

  /** Has an action run when the client is gone before the answer's end, at once if it is so. */
  void onGone(Runnable action);
}
