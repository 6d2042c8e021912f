package io.gantry.image.distribution.wire;

import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.exchange.Content;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.DefaultFileRegion;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpContent;
import io.netty.handler.codec.http.DefaultHttpResponse;
import io.netty.handler.codec.http.HttpChunkedInput;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.stream.ChunkedNioFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Writes one answer, no faster than the client takes it. */
final class AnswerWriter {

  private static final int CHUNK_BYTES = 64 << 10;

  private final Channel channel;
  private final boolean headOnly;
  private final Duration patience;
  private volatile LongSupplier progress;

  /**
   * @param headOnly whether the answer's content is left out
   */
  AnswerWriter(Channel channel, boolean headOnly, Duration patience) {
    this.channel = channel;
    this.headOnly = headOnly;
    this.patience = patience;
    this.progress = this::buffered;
  }

  /** A number that changes whenever the client takes something. */
  long progress() {
    return progress.getAsLong();
  }

  /** What Netty itself takes for progress of a write (IdleStateHandler with observeOutput). */
  private long buffered() {
    ChannelOutboundBuffer buffer = channel.unsafe().outboundBuffer();
    return buffer == null ? 0 : buffer.currentProgress() * 31 + buffer.totalPendingWriteBytes();
  }

  /**
   * Writes the answer; blocks only for what is still arriving itself.
   *
   * @param keep whether the connection stays
   * @return completes when all is with the kernel
   */
  ChannelFuture write(Answer answer, boolean keep) {
    HttpResponseStatus status = HttpResponseStatus.valueOf(answer.status());
    boolean bodiless = headOnly || status.code() == 204 || status.code() == 304;
    if (bodiless || answer.content().length() == 0) {
      return writeWhole(answer, status, keep, new byte[0]);
    }
    if (answer.content() instanceof Content.Bytes small) {
      return writeWhole(answer, status, keep, small.bytes());
    }
    channel.write(head(new DefaultHttpResponse(HttpVersion.HTTP_1_1, status), answer, keep));
    try {
      return answer.content() instanceof Content.FilePart part
          ? writeFile(part)
          : writeFlow((Content.Flow) answer.content());
    } catch (IOException e) {
      // The head is out: breaking off is the only way left to say that this is not all.
      channel.close();
      return channel.newFailedFuture(e);
    }
  }

  private ChannelFuture writeWhole(
      Answer answer, HttpResponseStatus status, boolean keep, byte[] bytes) {
    return channel.writeAndFlush(
        head(
            new DefaultFullHttpResponse(
                HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(bytes)),
            answer,
            keep));
  }

  private static HttpResponse head(HttpResponse response, Answer answer, boolean keep) {
    answer.headers().forEach(response.headers()::set);
    if (response.status().code() != 204 && response.status().code() != 304) {
      response.headers().set(HttpHeaderNames.CONTENT_LENGTH, answer.content().length());
    }
    if (!keep) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    return response;
  }

  private ChannelFuture writeFile(Content.FilePart part) throws IOException {
    if (channel.pipeline().get(SslHandler.class) == null) {
      // sendfile(2): the bytes do not come by here.
      DefaultFileRegion region = new DefaultFileRegion(part.file(), part.offset(), part.length());
      progress = region::transferred;
      channel.write(region);
      return channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
    }
    ChunkedNioFile chunks =
        new ChunkedNioFile(part.file(), part.offset(), part.length(), CHUNK_BYTES);
    progress = () -> chunks.progress() + buffered();
    return channel.writeAndFlush(new HttpChunkedInput(chunks));
  }

  private ChannelFuture writeFlow(Content.Flow flow) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(CHUNK_BYTES);
    for (long left = flow.length(); left > 0; ) {
      buffer.clear().limit((int) Math.min(left, CHUNK_BYTES));
      channel.flush();
      // A source that waits is not the client's fault.
      progress = System::nanoTime;
      flow.source().read(buffer);
      progress = this::buffered;
      buffer.flip();
      left -= buffer.remaining();
      ByteBuf copy = channel.alloc().buffer(buffer.remaining()).writeBytes(buffer);
      channel.write(new DefaultHttpContent(copy));
      awaitWritable();
    }
    return channel.writeAndFlush(LastHttpContent.EMPTY_LAST_CONTENT);
  }

  private synchronized void awaitWritable() throws IOException {
    // Longer than the event loop's own patience, which ends the connection and so the waiting.
    long end = System.nanoTime() + 2 * patience.toNanos();
    while (!channel.isWritable()) {
      long millis = (end - System.nanoTime()) / 1_000_000;
      if (millis <= 0 || !channel.isActive()) {
        throw new IOException("the client takes no more");
      }
      channel.flush();
      try {
        wait(millis);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted", e);
      }
    }
    if (!channel.isActive()) {
      throw new IOException("the client has left");
    }
  }

  synchronized void writabilityChanged() {
    notifyAll();
  }
}
