package io.gantry.cri.streaming.portforward;

import io.netty.buffer.ByteBuf;
import java.util.Optional;

/** The client's side of one forwarded connection. Called on the connection's event loop. */
interface ForwardingClient {

  /** Bytes from the pod; takes them over. */
  void send(ByteBuf bytes);

  /** The pod sends no more. */
  void ended();

  /**
   * All is over; the last call.
   *
   * @param failure what went wrong, in words
   */
  void done(Optional<String> failure);
}
