package io.gantry.cri.streaming.websocket;

import io.netty.buffer.ByteBuf;

/** What is made of the messages of one client. Called on the connection's event loop. */
public interface WebSocketSession {

  /** The client is there; the first messages may be sent. */
  void begin(WebSocketConnection connection);

  /** Bytes on a channel, at least one; the callee releases them. */
  void data(int channel, ByteBuf bytes);

  /** The client sends no more on a channel. */
  void ended(int channel);

  /** The client takes bytes again after it was slow, or has become slow. */
  void writabilityChanged();

  /** The connection is gone. */
  void gone();
}
