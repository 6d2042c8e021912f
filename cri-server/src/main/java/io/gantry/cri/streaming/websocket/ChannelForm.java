package io.gantry.cri.streaming.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.Unpooled;
import io.netty.handler.codec.base64.Base64;
import io.netty.handler.codec.base64.Base64Dialect;
import io.netty.handler.codec.http.websocketx.BinaryWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;

/** How a channel's number and its bytes lie in a message. */
public enum ChannelForm {
  /** A byte for the channel, then the bytes. */
  BINARY(256) {
    @Override
    int channel(byte first) {
      return first & 0xff;
    }

    @Override
    ByteBuf decode(ByteBuf body) {
      return body.retain();
    }

    @Override
    WebSocketFrame message(ByteBufAllocator buffers, int channel, ByteBuf bytes) {
      ByteBuf number = buffers.buffer(1).writeByte(channel);
      return new BinaryWebSocketFrame(Unpooled.wrappedBuffer(number, bytes));
    }
  },

  /** A digit for the channel, counted from '0', then base64. */
  BASE64(127 - '0') {
    @Override
    int channel(byte first) {
      return (first & 0xff) - '0';
    }

    @Override
    ByteBuf decode(ByteBuf body) {
      return Base64.decode(body, Base64Dialect.STANDARD);
    }

    @Override
    WebSocketFrame message(ByteBufAllocator buffers, int channel, ByteBuf bytes) {
      ByteBuf number = buffers.buffer(1).writeByte('0' + channel);
      ByteBuf text = Base64.encode(bytes, false, Base64Dialect.STANDARD);
      bytes.release();
      return new TextWebSocketFrame(Unpooled.wrappedBuffer(number, text));
    }
  };

  private final int channels;

  ChannelForm(int channels) {
    this.channels = channels;
  }

  /** How many channels can be named, from 0. */
  public int channels() {
    return channels;
  }

  /** The channel that a message's first byte names; negative if none. */
  abstract int channel(byte first);

  /**
   * The bytes in the rest of a message; the caller keeps {@code body} and releases the answer.
   *
   * @throws IllegalArgumentException if they are not in this form
   */
  abstract ByteBuf decode(ByteBuf body);

  /** A message; takes {@code bytes} over. */
  abstract WebSocketFrame message(ByteBufAllocator buffers, int channel, ByteBuf bytes);
}
