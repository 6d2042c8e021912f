package io.gantry.image.distribution.wire;

import io.gantry.image.distribution.exchange.RequestHandler;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.AdaptiveRecvByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.stream.ChunkedWriteHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Listens for clients and has their requests handled. Thread-safe. */
public final class HttpListener implements AutoCloseable {

  private static final int EVENT_LOOPS = 2;
  private static final int BACKLOG = 1024;
  private static final int LINE_BYTES = 8 << 10;
  private static final int HEADERS_BYTES = 32 << 10;
  private static final int PIECE_BYTES = 64 << 10;

  /** How much of what is written to one client may lie in memory, in bytes. */
  private static final WriteBufferWaterMark WRITE_BUFFER =
      new WriteBufferWaterMark(64 << 10, 128 << 10);

  private final WireSettings settings;
  private final RequestHandler handler;
  private final Optional<TlsFiles> tls;
  private final ExecutorService work;
  private final AtomicInteger clients = new AtomicInteger();
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final EventLoopGroup events;
  private final InetSocketAddress address;

  private HttpListener(WireSettings settings, RequestHandler handler) throws IOException {
    this.settings = settings;
    this.handler = handler;
    this.tls =
        settings.tls().isPresent()
            ? Optional.of(TlsFiles.open(settings.tls().get()))
            : Optional.empty();
    AtomicInteger next = new AtomicInteger();
    // A request in flight has a thread of its own; there are no more of them than connections.
    this.work =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, "registry-" + next.incrementAndGet());
              thread.setDaemon(true);
              return thread;
            });
    this.events =
        new MultiThreadIoEventLoopGroup(
            EVENT_LOOPS,
            new DefaultThreadFactory("registry-io", true),
            EpollIoHandler.newFactory());
    this.address = bind();
  }

  /**
   * Binds the address and begins to serve.
   *
   * @throws IOException if the address cannot be bound, or the certificate not be used
   */
  public static HttpListener start(WireSettings settings, RequestHandler handler)
      throws IOException {
    return new HttpListener(settings, handler);
  }

  private InetSocketAddress bind() throws IOException {
    ChannelFuture bound =
        new ServerBootstrap()
            .group(events)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_BUFFER)
            .childOption(
                ChannelOption.RECVBUF_ALLOCATOR,
                new AdaptiveRecvByteBufAllocator(1 << 10, 8 << 10, PIECE_BYTES)
                    .maxMessagesPerRead(4))
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel);
                  }
                })
            .bind(settings.address())
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      stop();
      throw new IOException(
          "listen on %s for the registry: %s"
              .formatted(settings.address(), bound.cause().getMessage()),
          bound.cause());
    }
    connections.add(bound.channel());
    return (InetSocketAddress) bound.channel().localAddress();
  }

  private void accept(Channel channel) {
    connections.add(channel);
    tls.ifPresent(files -> channel.pipeline().addLast(files.current().newHandler(channel.alloc())));
    channel
        .pipeline()
        .addLast(
            new HttpServerCodec(
                new HttpDecoderConfig()
                    .setMaxInitialLineLength(LINE_BYTES)
                    .setMaxHeaderSize(HEADERS_BYTES)
                    .setMaxChunkSize(PIECE_BYTES)));
    int now = clients.incrementAndGet();
    channel.closeFuture().addListener(closed -> clients.decrementAndGet());
    if (now > settings.maxConnections()) {
      channel.eventLoop().execute(() -> turnAway(channel));
      return;
    }
    channel
        .pipeline()
        .addLast(new ChunkedWriteHandler())
        .addLast(new ConnectionHandler(handler, work, settings.patience()));
  }

  /** In words where that costs nothing; a handshake would. */
  private void turnAway(Channel channel) {
    if (tls.isPresent()) {
      channel.close();
    } else {
      Exchange.refuse(channel, HttpResponseStatus.SERVICE_UNAVAILABLE);
    }
  }

  /** Where it listens, with the port in place of 0. */
  public InetSocketAddress address() {
    return address;
  }

  private void stop() {
    work.shutdownNow();
    events.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }

  /** Cuts off every client; uploads can be gone on with at another server on the same files. */
  @Override
  public void close() {
    connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    stop();
  }
}
