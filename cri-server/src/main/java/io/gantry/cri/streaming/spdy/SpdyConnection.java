package io.gantry.cri.streaming.spdy;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.spdy.DefaultSpdyGoAwayFrame;
import io.netty.handler.codec.spdy.DefaultSpdyPingFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.DefaultSpdySynReplyFrame;
import io.netty.handler.codec.spdy.SpdyDataFrame;
import io.netty.handler.codec.spdy.SpdyFrameCodec;
import io.netty.handler.codec.spdy.SpdyPingFrame;
import io.netty.handler.codec.spdy.SpdyProtocolException;
import io.netty.handler.codec.spdy.SpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdySessionStatus;
import io.netty.handler.codec.spdy.SpdyStreamStatus;
import io.netty.handler.codec.spdy.SpdySynStreamFrame;
import io.netty.handler.codec.spdy.SpdyVersion;
import io.netty.util.ReferenceCountUtil;
import java.util.HashMap;
import java.util.Map;

/**
 * The streams of one connection. Netty's session handler is not used: it waits for WINDOW_UPDATE
 * frames, which these clients never send. Confined to the event loop.
 */
public final class SpdyConnection extends ChannelInboundHandlerAdapter {
  /** What a client may have open at a time; each forwarded connection takes two. */
  private static final int MAX_STREAMS = 20_000;

  private static final int MAX_CHUNK_BYTES = 64 * 1024;
  private static final int MAX_HEADER_BYTES = 16 * 1024;
  private static final int COMPRESSION_LEVEL = 6;
  private static final int WINDOW_BITS = 15;
  private static final int MEMORY_LEVEL = 8;

  private final SpdySession session;
  private final Map<Integer, Open> streams = new HashMap<>();
  private int lastId;

  private record Open(SpdyStream stream, SpdyInput input) {}

  public SpdyConnection(SpdySession session) {
    this.session = session;
  }

  /** The codec that goes into the pipeline before this handler. */
  public static SpdyFrameCodec codec() {
    return new SpdyFrameCodec(
        SpdyVersion.SPDY_3_1,
        MAX_CHUNK_BYTES,
        MAX_HEADER_BYTES,
        COMPRESSION_LEVEL,
        WINDOW_BITS,
        MEMORY_LEVEL);
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    if (message instanceof SpdyDataFrame frame) {
      data(context, frame);
    } else if (message instanceof SpdySynStreamFrame frame) {
      open(context, frame);
    } else if (message instanceof SpdyRstStreamFrame frame) {
      reset(frame.streamId());
    } else if (message instanceof SpdyPingFrame ping) {
      answer(context, ping);
    } else {
      // SETTINGS, WINDOW_UPDATE, GOAWAY, HEADERS: nothing to do without flow control.
      ReferenceCountUtil.release(message);
    }
  }

  private void open(ChannelHandlerContext context, SpdySynStreamFrame frame) {
    int id = frame.streamId();
    if (id % 2 == 0 || id <= lastId || frame.isInvalid() || frame.isTruncated()) {
      breakOff(context);
      return;
    }
    lastId = id;
    SpdyStream stream = new SpdyStream(context, id, frame.headers(), () -> streams.remove(id));
    SpdyInput input = streams.size() < MAX_STREAMS ? session.opened(stream) : null;
    if (input == null) {
      stream.reset(SpdyStreamStatus.REFUSED_STREAM);
      return;
    }
    streams.put(id, new Open(stream, input));
    context.writeAndFlush(reply(id));
    if (frame.isLast()) {
      end(stream, input);
    }
  }

  /** With a header, because Netty writes an empty set of headers as no block at all. */
  private static DefaultSpdySynReplyFrame reply(int id) {
    DefaultSpdySynReplyFrame reply = new DefaultSpdySynReplyFrame(id);
    reply.headers().set(":status", "200");
    return reply;
  }

  private void data(ChannelHandlerContext context, SpdyDataFrame frame) {
    Open open = streams.get(frame.streamId());
    if (open == null || open.stream().isInputEnded()) {
      frame.release();
      refuseData(context, frame.streamId(), open);
      return;
    }
    if (frame.content().isReadable()) {
      open.input().data(frame.content());
    } else {
      frame.release();
    }
    if (frame.isLast()) {
      end(open.stream(), open.input());
    }
  }

  /** A stream that was reset may have had bytes on their way, which is no fault. */
  private void refuseData(ChannelHandlerContext context, int id, Open open) {
    if (open != null || id > lastId || id % 2 == 0) {
      context.writeAndFlush(new DefaultSpdyRstStreamFrame(id, SpdyStreamStatus.INVALID_STREAM));
    }
  }

  private static void end(SpdyStream stream, SpdyInput input) {
    stream.inputEnded();
    input.ended();
  }

  private void reset(int id) {
    Open open = streams.remove(id);
    if (open != null) {
      open.stream().endBoth();
      open.input().reset();
    }
  }

  /** Pings of the client's parity are its own; others would be answers to pings of ours. */
  private static void answer(ChannelHandlerContext context, SpdyPingFrame ping) {
    if (ping.id() % 2 != 0) {
      context.writeAndFlush(new DefaultSpdyPingFrame(ping.id()));
    }
  }

  private void breakOff(ChannelHandlerContext context) {
    context
        .writeAndFlush(new DefaultSpdyGoAwayFrame(lastId, SpdySessionStatus.PROTOCOL_ERROR))
        .addListener(done -> context.close());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    if (cause instanceof SpdyProtocolException) {
      breakOff(context);
    }
    context.fireExceptionCaught(cause);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    session.writabilityChanged();
    context.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    for (Open open : streams.values().toArray(new Open[0])) {
      open.stream().endBoth();
    }
    streams.clear();
    session.gone();
    context.fireChannelInactive();
  }
}
