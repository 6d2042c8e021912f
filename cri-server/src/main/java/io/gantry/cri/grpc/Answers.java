package io.gantry.cri.grpc;

import java.util.Optional;

/**
 * The way back to the caller of a server-streaming RPC. Confined to the thread of the handler.
 *
 * @param <R> the response message
 */
public interface Answers<R> {

  /**
   * Sends one message, once the caller has taken enough of those before: what waits on the way is
   * bounded by the transport's window and not by the caller's patience.
   *
   * @throws InterruptedException if the caller is gone
   */
  void send(R message) throws InterruptedException;

  /** The value of a header (ASCII metadata) that came with the request. */
  Optional<String> header(String name);

  /**
   * Sends the response's headers at once with this one among them, so that the caller learns of the
   * stream's beginning before the first message.
   *
   * @throws IllegalStateException if headers or messages were sent before
   */
  void open(String headerName, String value);

  /** Adds a trailer, which the caller gets with the status at the end, good or bad. */
  void trailer(String name, String value);
}
