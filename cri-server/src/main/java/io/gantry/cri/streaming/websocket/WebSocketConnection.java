package io.gantry.cri.streaming.websocket;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketCloseStatus;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketFrameAggregator;
import io.netty.util.ReferenceCountUtil;

/**
 * The messages of one connection, whole: fragments are put together and pings answered in the
 * pipeline before. What is read is confined to the event loop; writing is thread-safe.
 */
public final class WebSocketConnection extends ChannelInboundHandlerAdapter {
  /**
   * The largest message; a client that sends more is disconnected. Some clients send a whole file
   * as one message.
   */
  public static final int MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

  /** In the version 5 protocol, the channel on which the end of another channel is told. */
  private static final int CLOSE_SIGNAL = 255;

  private final ChannelForm form;
  private final boolean halfClose;
  private final WebSocketSession session;
  private ChannelHandlerContext context; // set before anything else happens

  /**
   * @param halfClose whether the protocol has messages that end a channel
   */
  public WebSocketConnection(ChannelForm form, boolean halfClose, WebSocketSession session) {
    this.form = form;
    this.halfClose = halfClose;
    this.session = session;
  }

  /** The handler that puts fragments together; it goes before this one. */
  public static WebSocketFrameAggregator aggregator() {
    return new WebSocketFrameAggregator(MAX_MESSAGE_BYTES);
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    session.begin(this);
  }

  /** Sends bytes on a channel and releases them. */
  public void send(int channel, ByteBuf bytes) {
    context.writeAndFlush(form.message(context.alloc(), channel, bytes));
  }

  /** Says goodbye; the connection is to be left afterwards. */
  public void sayClosed(WebSocketCloseStatus status) {
    context.writeAndFlush(new CloseWebSocketFrame(status));
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    try {
      if (message instanceof WebSocketFrame frame) {
        take(frame.content());
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private void take(ByteBuf message) {
    if (!message.isReadable()) {
      return;
    }
    int channel = form.channel(message.readByte());
    if (halfClose && channel == CLOSE_SIGNAL) {
      endChannel(message);
      return;
    }
    ByteBuf bytes;
    try {
      bytes = message.isReadable() ? form.decode(message) : Unpooled.EMPTY_BUFFER;
    } catch (IllegalArgumentException e) {
      breakOff(WebSocketCloseStatus.INVALID_PAYLOAD_DATA);
      return;
    }
    if (bytes.isReadable()) {
      session.data(channel, bytes);
    } else {
      bytes.release();
    }
  }

  private void endChannel(ByteBuf message) {
    if (message.readableBytes() == 1) {
      session.ended(message.readUnsignedByte());
    } else {
      breakOff(WebSocketCloseStatus.PROTOCOL_ERROR);
    }
  }

  private void breakOff(WebSocketCloseStatus status) {
    context.writeAndFlush(new CloseWebSocketFrame(status)).addListener(done -> context.close());
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext from) {
    session.writabilityChanged();
    from.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    session.gone();
    from.fireChannelInactive();
  }
}
