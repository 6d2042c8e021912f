package io.gantry.cri.streaming;

import io.gantry.cri.streaming.connection.ClientConnection;
import io.gantry.cri.streaming.websocket.ControlFrames;
import io.gantry.cri.streaming.websocket.WebSocketConnection;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.codec.http.websocketx.WebSocketDecoderConfig;
import io.netty.handler.codec.http.websocketx.WebSocketServerHandshaker13;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Answers the one HTTP request of a connection: finds what its token promises, and turns the
 * connection over to the protocol that the client chose. Confined to the event loop.
 */
final class UpgradeHandler extends SimpleChannelInboundHandler<FullHttpRequest> {
  static final String SPDY = "SPDY/3.1";
  static final String SPDY_PROTOCOL = "X-Stream-Protocol-Version";
  static final String ACCEPTED = "X-Accepted-Stream-Protocol-Versions";
  private static final int MAX_REQUEST_BYTES = 64 * 1024;
  private static final String NAME = "upgrade";
  private static final ControlFrames CONTROL_FRAMES = new ControlFrames();

  private final Tokens<Promise> tokens;
  private final Upgrades upgrades;
  private final ClientConnection client;
  private final Runnable whenUpgraded;

  private UpgradeHandler(
      Tokens<Promise> tokens, Upgrades upgrades, ClientConnection client, Runnable whenUpgraded) {
    this.tokens = tokens;
    this.upgrades = upgrades;
    this.client = client;
    this.whenUpgraded = whenUpgraded;
  }

  /**
   * Appends what is needed to a new connection's pipeline.
   *
   * @param whenUpgraded called when the session begins
   */
  static void addTo(
      ChannelPipeline pipeline,
      Tokens<Promise> tokens,
      Upgrades upgrades,
      ClientConnection client,
      Runnable whenUpgraded) {
    pipeline
        .addLast(new HttpServerCodec())
        .addLast(new HttpObjectAggregator(MAX_REQUEST_BYTES, true))
        .addLast(NAME, new UpgradeHandler(tokens, upgrades, client, whenUpgraded));
  }

  @Override
  protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
    if (request.decoderResult().isFailure()) {
      refuse(context, HttpResponseStatus.BAD_REQUEST, "not a request");
      return;
    }
    boolean isGet = request.method().equals(HttpMethod.GET);
    if (!isGet && !request.method().equals(HttpMethod.POST)) {
      refuse(context, HttpResponseStatus.METHOD_NOT_ALLOWED, "only GET and POST are served");
      return;
    }
    Optional<Promise> promise = promise(request.uri());
    if (promise.isEmpty()) {
      refuse(context, HttpResponseStatus.NOT_FOUND, "no such request, or it was used, or too late");
    } else if (asksFor(request, SPDY)) {
      upgradeToSpdy(context, request, promise.get());
    } else if (isGet && asksFor(request, "websocket")) {
      upgradeToWebSocket(context, request, promise.get());
    } else {
      refuse(
          context,
          HttpResponseStatus.BAD_REQUEST,
          "the request must upgrade to " + SPDY + ", or by GET to websocket");
    }
  }

  private Optional<Promise> promise(String uri) {
    String[] parts = new QueryStringDecoder(uri).path().split("/", -1);
    if (parts.length != 3 || !parts[0].isEmpty()) {
      return Optional.empty();
    }
    return tokens.redeem(parts[2]).filter(promise -> promise.path().equals(parts[1]));
  }

  private static boolean asksFor(FullHttpRequest request, String protocol) {
    HttpHeaders headers = request.headers();
    return headers.containsValue(HttpHeaderNames.CONNECTION, HttpHeaderValues.UPGRADE, true)
        && headers.containsValue(HttpHeaderNames.UPGRADE, protocol, true);
  }

  private void upgradeToSpdy(
      ChannelHandlerContext context, FullHttpRequest request, Promise promise) {
    List<String> offered = values(request.headers(), SPDY_PROTOCOL);
    if (offered.isEmpty()) {
      refuse(
          context, HttpResponseStatus.BAD_REQUEST, "the header " + SPDY_PROTOCOL + " is missing");
      return;
    }
    Map<String, Supplier<List<ChannelHandler>>> known = upgrades.overSpdy(promise, client);
    Optional<String> chosen = offered.stream().filter(known::containsKey).findFirst();
    if (chosen.isEmpty()) {
      FullHttpResponse answer =
          response(
              HttpResponseStatus.FORBIDDEN,
              "none of the protocols %s is served".formatted(offered));
      known.keySet().forEach(each -> answer.headers().add(ACCEPTED, each));
      context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    FullHttpResponse answer = response(HttpResponseStatus.SWITCHING_PROTOCOLS, "");
    answer
        .headers()
        .set(HttpHeaderNames.CONNECTION, "Upgrade")
        .set(HttpHeaderNames.UPGRADE, SPDY)
        .set(SPDY_PROTOCOL, chosen.get());
    context.writeAndFlush(answer);
    ChannelPipeline pipeline = context.pipeline();
    pipeline.remove(HttpObjectAggregator.class);
    handOver(pipeline, known.get(chosen.get()).get());
    // Last: bytes that came right behind the request go on from here.
    pipeline.remove(HttpServerCodec.class);
  }

  private void upgradeToWebSocket(
      ChannelHandlerContext context, FullHttpRequest request, Promise promise) {
    HttpHeaders headers = request.headers();
    if (!headers.contains(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13", true)) {
      FullHttpResponse answer =
          response(HttpResponseStatus.UPGRADE_REQUIRED, "only WebSocket version 13 is served");
      answer.headers().set(HttpHeaderNames.SEC_WEBSOCKET_VERSION, "13");
      context.writeAndFlush(answer).addListener(ChannelFutureListener.CLOSE);
      return;
    }
    if (headers.get(HttpHeaderNames.SEC_WEBSOCKET_KEY) == null) {
      refuse(context, HttpResponseStatus.BAD_REQUEST, "the header Sec-WebSocket-Key is missing");
      return;
    }
    List<String> offered = values(headers, HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    Map<String, Supplier<List<ChannelHandler>>> known = upgrades.overWebSocket(promise, client);
    Optional<String> chosen =
        (offered.isEmpty() ? List.of("") : offered).stream().filter(known::containsKey).findFirst();
    if (chosen.isEmpty()) {
      refuse(
          context,
          HttpResponseStatus.FORBIDDEN,
          "none of the protocols %s is served for this request".formatted(offered));
      return;
    }
    shakeHands(context, request, chosen.get());
    handOver(context.pipeline(), known.get(chosen.get()).get());
  }

  private static void shakeHands(
      ChannelHandlerContext context, FullHttpRequest request, String chosen) {
    WebSocketDecoderConfig config =
        WebSocketDecoderConfig.newBuilder()
            .maxFramePayloadLength(WebSocketConnection.MAX_MESSAGE_BYTES)
            .withUTF8Validator(false)
            .build();
    if (chosen.isEmpty()) {
      request.headers().remove(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL);
    } else {
      request.headers().set(HttpHeaderNames.SEC_WEBSOCKET_PROTOCOL, chosen);
    }
    new WebSocketServerHandshaker13(request.uri(), chosen.isEmpty() ? null : chosen, config)
        .handshake(context.channel(), request);
    context.pipeline().addBefore(NAME, null, CONTROL_FRAMES);
  }

  /** The handlers take this one's place. */
  private void handOver(ChannelPipeline pipeline, List<ChannelHandler> handlers) {
    whenUpgraded.run();
    handlers.forEach(each -> pipeline.addBefore(NAME, null, each));
    pipeline.remove(this);
  }

  /** The elements of all lines of a header. */
  private static List<String> values(HttpHeaders headers, CharSequence name) {
    return headers.getAll(name).stream()
        .flatMap(line -> Arrays.stream(line.split(",")))
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .toList();
  }

  private static void refuse(ChannelHandlerContext context, HttpResponseStatus status, String why) {
    context.writeAndFlush(response(status, why)).addListener(ChannelFutureListener.CLOSE);
  }

  private static FullHttpResponse response(HttpResponseStatus status, String words) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1,
            status,
            io.netty.buffer.Unpooled.copiedBuffer(
                words.isEmpty() ? "" : words + "\n", StandardCharsets.UTF_8));
    if (!words.isEmpty()) {
      response
          .headers()
          .set(HttpHeaderNames.CONTENT_TYPE, "text/plain; charset=utf-8")
          .set(HttpHeaderNames.CONTENT_LENGTH, response.content().readableBytes())
          .set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    return response;
  }
}
