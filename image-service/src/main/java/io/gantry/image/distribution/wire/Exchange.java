package io.gantry.image.distribution.wire;

import io.gantry.image.distribution.exchange.Answer;
import io.gantry.image.distribution.exchange.ClientGoneException;
import io.gantry.image.distribution.exchange.Content;
import io.gantry.image.distribution.exchange.Request;
import io.gantry.image.distribution.exchange.RequestHandler;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelOption;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.handler.ssl.SslHandler;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request of a connection, from its head to the last byte of its answer. */
final class Exchange {

  private static final Logger log = LoggerFactory.getLogger(Exchange.class);

  /** So much of a request that nobody wants is read for the connection's sake; beyond, it ends. */
  private static final long DRAIN_BYTES = 64 << 10;

  /**
   * How long is read on before a connection is closed: closing a socket with unread input resets
   * it, which may take the answer away from the client (RFC 9112, 9.6).
   */
  private static final Duration LINGER = Duration.ofSeconds(5);

  private final Channel channel;
  private final HttpRequest head;
  private final ArrivingBody body;
  private final Patience waiting;
  private final Consumer<Channel> whenEnded;
  private final AnswerWriter writer;
  // Confined to the event loop.
  private boolean draining;

  /**
   * @param waiting ends the connection when the client does not take its answer
   * @param whenEnded called on the event loop once the next request may be looked at
   */
  Exchange(
      Channel channel,
      HttpRequest head,
      Duration patience,
      Patience waiting,
      Consumer<Channel> whenEnded) {
    this.channel = channel;
    this.head = head;
    this.body =
        new ArrivingBody(
            channel, announcedLength(head), HttpUtil.is100ContinueExpected(head), patience);
    this.waiting = waiting;
    this.whenEnded = whenEnded;
    this.writer = new AnswerWriter(channel, head.method().equals(HttpMethod.HEAD), patience);
  }

  private static OptionalLong announcedLength(HttpRequest head) {
    if (HttpUtil.isTransferEncodingChunked(head)) {
      return OptionalLong.empty();
    }
    return OptionalLong.of(HttpUtil.getContentLength(head, 0L));
  }

  ArrivingBody body() {
    return body;
  }

  /** On a thread that may block. */
  void run(RequestHandler handler) {
    Answer answer;
    try {
      answer = handler.handle(request());
    } catch (ClientGoneException gone) {
      body.discard();
      channel.close();
      return;
    } catch (IOException | RuntimeException e) {
      log.atError()
          .addKeyValue("method", head.method())
          .addKeyValue("uri", head.uri())
          .setCause(e)
          .log("a request to the registry failed");
      answer = Answer.of(HttpResponseStatus.INTERNAL_SERVER_ERROR.code());
    }
    send(answer);
  }

  private Request request() {
    QueryStringDecoder uri = new QueryStringDecoder(head.uri());
    Map<String, List<String>> headers = new HashMap<>();
    head.headers()
        .forEach(
            entry ->
                headers
                    .computeIfAbsent(
                        entry.getKey().toLowerCase(Locale.ROOT), any -> new ArrayList<>())
                    .add(entry.getValue()));
    return new Request(head.method().name(), uri.path(), uri.parameters(), headers, body);
  }

  private void send(Answer answer) {
    boolean keep = HttpUtil.isKeepAlive(head) && body.endsWithin(DRAIN_BYTES);
    channel.eventLoop().execute(() -> waiting.begin(writer::progress));
    ChannelFuture sent = writer.write(answer, keep);
    sent.addListener(
        done -> {
          waiting.end();
          close(answer.content());
          if (!done.isSuccess()) {
            body.discard();
            channel.close();
          } else if (keep) {
            drain();
          } else {
            linger();
          }
        });
  }

  private static void close(Content content) {
    try {
      content.close();
    } catch (IOException e) {
      log.atWarn().addKeyValue("error", e.getMessage()).log("a blob's file could not be closed");
    }
  }

  /** Reads what is left of the request, which is little. */
  private void drain() {
    body.discard();
    if (body.hasEnded()) {
      whenEnded.accept(channel);
    } else {
      draining = true;
      waiting.begin(() -> 0);
      channel.read();
    }
  }

  private void linger() {
    if (body.hasEnded()) {
      channel.close();
      return;
    }
    body.discard();
    if (channel instanceof DuplexChannel duplex
        && channel.pipeline().get(SslHandler.class) == null) {
      duplex.shutdownOutput();
    }
    channel.config().setOption(ChannelOption.AUTO_READ, true);
    channel.eventLoop().schedule(() -> channel.close(), LINGER.toMillis(), TimeUnit.MILLISECONDS);
  }

  void readComplete() {
    if (draining) {
      if (body.hasEnded()) {
        draining = false;
        waiting.end();
        whenEnded.accept(channel);
      } else {
        channel.read();
      }
    }
  }

  void writabilityChanged() {
    writer.writabilityChanged();
  }

  void disconnected() {
    // What came before is still good: an upload goes on behind it.
    body.breakOff("the client has left");
    writer.writabilityChanged();
  }

  /** Answers what is not HTTP, or too long to be looked at, and ends the connection. */
  static void refuseUnreadable(Channel channel, Throwable cause) {
    HttpResponseStatus status = HttpResponseStatus.BAD_REQUEST;
    if (cause instanceof TooLongHttpLineException) {
      status = HttpResponseStatus.REQUEST_URI_TOO_LONG;
    } else if (cause instanceof TooLongHttpHeaderException) {
      status = HttpResponseStatus.REQUEST_HEADER_FIELDS_TOO_LARGE;
    }
    refuse(channel, status);
  }

  static void refuse(Channel channel, HttpResponseStatus status) {
    DefaultFullHttpResponse response =
        new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.EMPTY_BUFFER);
    response
        .headers()
        .set(HttpHeaderNames.CONTENT_LENGTH, 0)
        .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    if (status.equals(HttpResponseStatus.SERVICE_UNAVAILABLE)) {
      response.headers().set(HttpHeaderNames.RETRY_AFTER, 1);
    }
    channel.writeAndFlush(response).addListener(ChannelFutureListener.CLOSE);
  }
}
