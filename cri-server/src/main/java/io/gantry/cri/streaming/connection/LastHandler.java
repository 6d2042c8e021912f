package io.gantry.cri.streaming.connection;

import io.netty.channel.ChannelHandler.Sharable;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.util.ReferenceCountUtil;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The pipeline's end: a client that breaks its protocol, or whose network fails, is disconnected.
 */
@Sharable
public final class LastHandler extends ChannelInboundHandlerAdapter {
  private static final Logger log = LoggerFactory.getLogger(LastHandler.class);

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    ReferenceCountUtil.release(message);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    log.atInfo()
        .addKeyValue("client", context.channel().remoteAddress())
        .addKeyValue("error", cause.toString())
        .log("client disconnected");
    context.close();
  }
}
