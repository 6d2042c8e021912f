package io.gantry.cri.streaming.spdy;

import io.netty.buffer.ByteBuf;

/** Takes what comes on one stream. Called on the connection's event loop. */
public interface SpdyInput {

  /** Some bytes; the callee releases them. */
  void data(ByteBuf bytes);

  /** The client sends no more. */
  void ended();

  /** The client has cut the stream off, both ways. */
  void reset();
}
