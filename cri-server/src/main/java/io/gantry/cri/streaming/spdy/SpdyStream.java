package io.gantry.cri.streaming.spdy;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.spdy.DefaultSpdyDataFrame;
import io.netty.handler.codec.spdy.DefaultSpdyRstStreamFrame;
import io.netty.handler.codec.spdy.SpdyHeaders;
import io.netty.handler.codec.spdy.SpdyStreamStatus;

/** The server's side of one stream. Thread-safe; what is written after the end is dropped. */
public final class SpdyStream {
  /** Small enough that one frame of a stream does not hold up the others for long. */
  private static final int MAX_FRAME_BYTES = 64 * 1024;

  private final ChannelHandlerContext context;
  private final int id;
  private final SpdyHeaders headers;
  private final Runnable whenDone;
  // Guarded by this.
  private boolean inputEnded;
  private boolean outputEnded;

  SpdyStream(ChannelHandlerContext context, int id, SpdyHeaders headers, Runnable whenDone) {
    this.context = context;
    this.id = id;
    this.headers = headers;
    this.whenDone = whenDone;
  }

  public int id() {
    return id;
  }

  /** A header of the client's request to open the stream, or "". */
  public String header(String lowerCaseName) {
    String value = headers.getAsString(lowerCaseName);
    return value == null ? "" : value;
  }

  /** Sends bytes and releases them. */
  public synchronized void write(ByteBuf bytes) {
    if (outputEnded) {
      bytes.release();
      return;
    }
    while (bytes.readableBytes() > MAX_FRAME_BYTES) {
      context.write(new DefaultSpdyDataFrame(id, bytes.readRetainedSlice(MAX_FRAME_BYTES)));
    }
    context.writeAndFlush(new DefaultSpdyDataFrame(id, bytes));
  }

  /** Tells the client that no more will come. */
  public synchronized void end() {
    if (outputEnded) {
      return;
    }
    outputEnded = true;
    DefaultSpdyDataFrame last = new DefaultSpdyDataFrame(id, Unpooled.EMPTY_BUFFER);
    last.setLast(true);
    context.writeAndFlush(last);
    finishIfDone();
  }

  /** Cuts the stream off, both ways. */
  public synchronized void reset(SpdyStreamStatus reason) {
    if (inputEnded && outputEnded) {
      return;
    }
    endBoth();
    context.writeAndFlush(new DefaultSpdyRstStreamFrame(id, reason));
  }

  /** The client has sent its last byte. */
  synchronized void inputEnded() {
    if (!inputEnded) {
      inputEnded = true;
      finishIfDone();
    }
  }

  synchronized boolean isInputEnded() {
    return inputEnded;
  }

  /** The client has cut the stream off, or is gone. */
  synchronized void endBoth() {
    inputEnded = true;
    outputEnded = true;
    finishIfDone();
  }

  private void finishIfDone() {
    if (inputEnded && outputEnded) {
      context.executor().execute(whenDone);
    }
  }
}
