package io.gantry.docker.engine.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * One client's connection: one request after the other, each answered on a thread of its own.
 * Confined to its event loop, but for what is said to be for others.
 */
final class Connection extends ChannelInboundHandlerAdapter {
  private static final long LINGER_SECONDS = 5;

  private final Service service;
  private final Executor threads;
  private final Deque<Object> early = new ArrayDeque<>();
  private ChannelHandlerContext context;
  private Outgoing out;
  private Incoming body;
  private Answer answer;
  private boolean requestIsWhole;
  private boolean left;
  private boolean lingers;

  Connection(Service service, Executor threads) {
    this.service = service;
    this.threads = threads;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
    out = new Outgoing(added.channel());
  }

  @Override
  public void channelActive(ChannelHandlerContext ctx) {
    ctx.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    try {
      take(message);
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    readMore();
  }

  private void take(Object message) {
    if (lingers) {
      return;
    }
    if (left && message instanceof ByteBuf bytes) {
      body.add(bytes);
    } else if (answer != null && requestIsWhole) {
      early.add(ReferenceCountUtil.retain(message));
    } else {
      if (message instanceof HttpRequest request) {
        begin(request);
      }
      if (answer != null && message instanceof HttpContent content) {
        continueBody(content);
      }
    }
  }

  private void begin(HttpRequest request) {
    if (request.decoderResult().isFailure()) {
      refuse("400 Bad Request", request.decoderResult().cause().getMessage());
      return;
    }
    Head head = Head.of(request);
    requestIsWhole = false;
    Incoming incoming = new Incoming(this::moreFromAnywhere);
    if (head.headers().getOrDefault("expect", "").equalsIgnoreCase("100-continue")) {
      incoming.beforeFirstRead(() -> send("HTTP/1.1 100 Continue\r\n\r\n"));
    }
    Answer begun = new Answer(this, head, incoming, out, service.everyAnswer(head));
    body = incoming;
    answer = begun;
    try {
      threads.execute(
          () -> {
            service.serve(head, incoming, begun::to);
            begun.finish();
          });
    } catch (RejectedExecutionException e) {
      context.close(); // The engine is being ended.
    }
  }

  private void continueBody(HttpContent content) {
    if (content.decoderResult().isFailure()) {
      body.fail(new IOException("malformed request: " + content.decoderResult().cause()));
      answer.closeAfterwards();
      requestIsWhole = true;
      return;
    }
    body.add(content.content());
    if (content instanceof LastHttpContent) {
      requestIsWhole = true;
      if (answer.head().mayLeaveHttp()) {
        leaveHttp();
      } else {
        body.end();
      }
    }
  }

  /**
   * Whatever comes from here on is not HTTP, whether or not the answer will say so. The decoder
   * hands on what it has read ahead.
   */
  private void leaveHttp() {
    body.end();
    body = new Incoming(this::moreFromAnywhere);
    answer.leaveHttp(body);
    left = true;
    context.pipeline().remove(HttpRequestDecoder.class);
  }

  private void refuse(String status, String words) {
    send(
        "HTTP/1.1 "
            + status
            + "\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n"
            + words
            + "\n");
    close();
  }

  private void send(String text) {
    context
        .channel()
        .writeAndFlush(io.netty.buffer.Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
  }

  /** For any thread. */
  private void moreFromAnywhere() {
    context.executor().execute(this::readMore);
  }

  private void readMore() {
    boolean wanted =
        answer == null || lingers || body.wantsMore() || requestIsWhole && early.isEmpty();
    if (wanted && !(left && !body.wantsMore())) {
      context.read();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    out.changed();
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof ChannelInputShutdownEvent || event instanceof SslCloseCompletionEvent) {
      if (left && answer != null) {
        body.end();
      } else {
        ctx.close();
      }
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    ctx.close();
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    out.changed();
    if (body != null) {
      body.fail(new IOException("the client is gone"));
    }
    if (answer != null) {
      answer.gone();
    }
    early.forEach(ReferenceCountUtil::release);
    early.clear();
  }

  /**
   * An answer has ended. For any thread.
   *
   * @param reusable whether the connection may serve another request
   */
  void ended(boolean reusable) {
    context.executor().execute(() -> afterAnswer(reusable));
  }

  private void afterAnswer(boolean reusable) {
    if (!reusable || left || !requestIsWhole) {
      close();
      return;
    }
    answer = null;
    body = null;
    Deque<Object> waiting = new ArrayDeque<>(early);
    early.clear();
    while (!waiting.isEmpty()) {
      Object message = waiting.poll();
      try {
        take(message);
      } finally {
        ReferenceCountUtil.release(message);
      }
    }
    readMore();
  }

  /**
   * Closes after what was written. Closing with unread input would reset the connection and take
   * the end of the answer from the client, so that is read away first, for a while.
   */
  private void close() {
    Channel channel = context.channel();
    if (requestIsWhole && !left) {
      channel
          .writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER)
          .addListener(ChannelFutureListener.CLOSE);
      return;
    }
    lingers = true;
    channel
        .writeAndFlush(io.netty.buffer.Unpooled.EMPTY_BUFFER)
        .addListener(
            written -> {
              if (channel instanceof DuplexChannel duplex
                  && channel.pipeline().get(io.netty.handler.ssl.SslHandler.class) == null) {
                duplex.shutdownOutput();
              } else {
                channel.close();
              }
            });
    if (body != null && body.isEnded()) {
      channel.close();
    }
    context.executor().schedule(() -> channel.close(), LINGER_SECONDS, TimeUnit.SECONDS);
    context.read();
  }
}
