package io.gantry.cri.grpc;

import java.util.Optional;

/**
 * The messages that the caller of an RPC streams, one after another. Those that wait to be taken
 * are bounded: a caller is read no faster than its handler takes. Confined to the thread that takes
 * them, which may be another than the handler's.
 *
 * @param <Q> the request message
 */
public interface Incoming<Q> {

  /**
   * Waits for the next message.
   *
   * @return nothing once the caller has sent its last
   * @throws InterruptedException if the caller is gone
   */
  Optional<Q> next() throws InterruptedException;
}
