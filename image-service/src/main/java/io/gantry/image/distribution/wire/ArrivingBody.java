package io.gantry.image.distribution.wire;

import io.gantry.image.distribution.exchange.Body;
import io.gantry.image.distribution.exchange.ClientGoneException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.OptionalLong;

/**
 * A request's body between the event loop, on which it arrives, and the thread that handles it. The
 * client is read only while there is little in between.
 */
final class ArrivingBody implements Body {

  /** How much may lie here before the client is read no more; what one read brings comes on top. */
  private static final int AHEAD_BYTES = 64 << 10;

  private final Channel channel;
  private final OptionalLong length;
  private final Duration patience;
  // All guarded by this.
  private final ArrayDeque<ByteBuf> arrived = new ArrayDeque<>();
  private long arrivedBytes;
  private long receivedBytes;
  private boolean ended;
  private boolean discarding;
  private boolean continueWanted;
  private String broken;

  /**
   * @param continueWanted whether the client sends nothing before it is told to (RFC 9110, 10.1.1)
   */
  ArrivingBody(Channel channel, OptionalLong length, boolean continueWanted, Duration patience) {
    this.channel = channel;
    this.length = length;
    this.continueWanted = continueWanted;
    this.patience = patience;
  }

  @Override
  public OptionalLong length() {
    return length;
  }

  /** On the event loop. */
  synchronized void arrive(HttpContent content) {
    ByteBuf bytes = content.content();
    receivedBytes += bytes.readableBytes();
    if (bytes.isReadable() && !discarding && broken == null) {
      arrivedBytes += bytes.readableBytes();
      arrived.add(bytes);
    } else {
      bytes.release();
    }
    if (content instanceof LastHttpContent) {
      ended = true;
    }
    notifyAll();
  }

  @Override
  public void cut(String reason) {
    breakOff(reason);
    channel.close();
  }

  synchronized void breakOff(String reason) {
    if (broken == null && !ended) {
      broken = reason;
    }
    notifyAll();
  }

  @Override
  public void transferTo(Sink sink) throws IOException {
    for (ByteBuf piece = next(); piece != null; piece = next()) {
      try {
        sink.write(piece.nioBuffer());
      } finally {
        piece.release();
      }
    }
  }

  /** The next bytes, which the caller releases; null at the end. */
  private synchronized ByteBuf next() throws ClientGoneException {
    inviteBody();
    long end = System.nanoTime() + patience.toNanos();
    while (arrived.isEmpty() && !ended) {
      if (broken != null) {
        throw new ClientGoneException(broken);
      }
      channel.read();
      await(end);
    }
    ByteBuf piece = arrived.poll();
    if (piece != null) {
      arrivedBytes -= piece.readableBytes();
      if (!ended && arrivedBytes < AHEAD_BYTES) {
        channel.read();
      }
    }
    return piece;
  }

  private void await(long end) throws ClientGoneException {
    long millis = (end - System.nanoTime()) / 1_000_000;
    if (millis <= 0) {
      cut("the client sent nothing for " + patience.toSeconds() + " s");
      throw new ClientGoneException(broken);
    }
    try {
      wait(millis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      cut("interrupted");
      throw new ClientGoneException("interrupted");
    }
  }

  private void inviteBody() {
    if (continueWanted) {
      continueWanted = false;
      channel.writeAndFlush(
          new DefaultFullHttpResponse(
              HttpVersion.HTTP_1_1, HttpResponseStatus.CONTINUE, Unpooled.EMPTY_BUFFER));
    }
  }

  synchronized boolean hasEnded() {
    return ended;
  }

  /** Whether what the client may still send is at most that much. */
  synchronized boolean endsWithin(long bytes) {
    return ended
        || !continueWanted && length.isPresent() && length.getAsLong() - receivedBytes <= bytes;
  }

  /** Throws away what is here and what will come. */
  synchronized void discard() {
    discarding = true;
    arrived.forEach(ByteBuf::release);
    arrived.clear();
    arrivedBytes = 0;
  }
}
