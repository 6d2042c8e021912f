package io.gantry.image.distribution.wire;

import io.gantry.image.distribution.exchange.RequestHandler;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/**
 * One client's connection: one request after another, each handled on a thread of its own. What
 * arrives early (HTTP/1.1 pipelining) waits; it is no more than one read brings.
 */
final class ConnectionHandler extends ChannelInboundHandlerAdapter {

  private final RequestHandler handler;
  private final Executor work;
  private final Duration patience;
  // All confined to the event loop.
  private final ArrayDeque<HttpObject> early = new ArrayDeque<>();
  private Patience waiting;
  private Exchange current;

  ConnectionHandler(RequestHandler handler, Executor work, Duration patience) {
    this.handler = handler;
    this.work = work;
    this.patience = patience;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext context) {
    waiting = new Patience(context.channel(), patience);
  }

  @Override
  public void channelActive(ChannelHandlerContext context) {
    awaitRequest(context.channel());
  }

  /** A client that has sent nothing, or less than a whole request, is given the same time. */
  private void awaitRequest(Channel channel) {
    waiting.begin(() -> 0);
    channel.read();
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    HttpObject object = (HttpObject) message;
    if (current == null || object instanceof HttpContent && !current.body().hasEnded()) {
      take(context.channel(), object);
    } else {
      early.add(object);
    }
  }

  private void take(Channel channel, HttpObject object) {
    if (object.decoderResult().isFailure()) {
      ReferenceCountUtil.release(object);
      unreadable(channel, object.decoderResult().cause());
    } else if (object instanceof HttpRequest request) {
      begin(channel, request);
    } else if (object instanceof HttpContent content) {
      current.body().arrive(content);
    }
  }

  private void unreadable(Channel channel, Throwable cause) {
    if (current != null) {
      current.body().breakOff("what the client sent is not HTTP: " + cause.getMessage());
      channel.close();
    } else {
      waiting.end();
      Exchange.refuseUnreadable(channel, cause);
    }
  }

  private void begin(Channel channel, HttpRequest request) {
    waiting.end();
    Exchange exchange = new Exchange(channel, request, patience, waiting, this::ended);
    current = exchange;
    try {
      work.execute(() -> exchange.run(handler));
    } catch (RejectedExecutionException stopping) {
      channel.close();
    }
  }

  /** The answer is sent, and all of the request is read. */
  private void ended(Channel channel) {
    current = null;
    while (current == null && !early.isEmpty()) {
      take(channel, early.poll());
    }
    while (current != null && !current.body().hasEnded() && !early.isEmpty()) {
      take(channel, early.poll());
    }
    if (current == null && channel.isActive()) {
      awaitRequest(channel);
    }
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext context) {
    if (current != null) {
      current.readComplete();
    }
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext context) {
    if (current != null) {
      current.writabilityChanged();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    waiting.end();
    early.forEach(ReferenceCountUtil::release);
    early.clear();
    if (current != null) {
      current.disconnected();
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    // A reset, a failed handshake: the client's own business, and channelInactive follows.
    context.close();
  }
}
