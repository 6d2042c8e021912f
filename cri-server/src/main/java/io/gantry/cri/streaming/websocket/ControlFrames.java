package io.gantry.cri.streaming.websocket;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PingWebSocketFrame;
import io.netty.handler.codec.http.websocketx.PongWebSocketFrame;

/**
 * Answers pings and goodbyes, and passes data on. Control frames may come between the fragments of
 * a message (RFC 6455, 5.4), so this handler stands before the one that puts fragments together.
 */
@Sharable
public final class ControlFrames extends ChannelInboundHandlerAdapter {
  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof PingWebSocketFrame ping) {
      context.writeAndFlush(new PongWebSocketFrame(ping.content()));
    } else if (message instanceof PongWebSocketFrame pong) {
      pong.release();
    } else if (message instanceof CloseWebSocketFrame close) {
      // RFC 6455, 5.5.1: a goodbye is answered with the same, then the server closes first.
      context.writeAndFlush(close).addListener(done -> context.close());
    } else {
      context.fireChannelRead(message);
    }
  }
}
