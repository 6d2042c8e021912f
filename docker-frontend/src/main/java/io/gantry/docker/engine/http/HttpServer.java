package io.gantry.docker.engine.http;

import io.gantry.proto.frontend.FrontendSettings;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.ServerChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.group.ChannelGroup;
import io.netty.channel.group.DefaultChannelGroup;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Serves HTTP on a unix socket, and over TCP where that is wanted. */
public final class HttpServer implements AutoCloseable {
  private static final int LONGEST_LINE = 64 * 1024;
  private static final int LARGEST_HEAD = 1 << 20;
  private static final int LARGEST_PIECE = 64 * 1024;

  private final Service service;
  private final EventLoopGroup events =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("engine-http", true), EpollIoHandler.newFactory());
  private final ExecutorService threads = Executors.newCachedThreadPool(numbered());
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final ChannelGroup listeners = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private SocketFile file;

  private HttpServer(Service service) {
    this.service = service;
  }

  /**
   * Begins to serve.
   *
   * @throws IOException if an address cannot be had
   */
  public static HttpServer start(FrontendSettings settings, Service service) throws IOException {
    HttpServer server = new HttpServer(service);
    try {
      server.file = SocketFile.claim(settings.socket());
      Path bound = server.file.bindAt();
      server.listen(
          EpollServerDomainSocketChannel.class,
          new DomainSocketAddress(bound.toString()),
          Optional.empty());
      server.file.open(settings.group());
      if (settings.tcp().isPresent()) {
        FrontendSettings.Tcp tcp = settings.tcp().get();
        Optional<SslContext> tls = Optional.empty();
        if (tcp.tls().isPresent()) {
          tls = Optional.of(tls(tcp.tls().get()));
        }
        server.listen(EpollServerSocketChannel.class, tcp.address(), tls);
      }
      return server;
    } catch (IOException e) {
      server.close();
      throw e;
    }
  }

  private void listen(
      Class<? extends ServerChannel> type, SocketAddress address, Optional<SslContext> tls)
      throws IOException {
    ServerBootstrap bootstrap =
        new ServerBootstrap()
            .group(events)
            .channel(type)
            .option(ChannelOption.SO_BACKLOG, 512)
            .childOption(ChannelOption.AUTO_READ, false)
            .childOption(ChannelOption.ALLOW_HALF_CLOSURE, true)
            .childHandler(
                new ChannelInitializer<Channel>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    connections.add(channel);
                    tls.ifPresent(
                        context -> channel.pipeline().addLast(context.newHandler(channel.alloc())));
                    channel
                        .pipeline()
                        .addLast(new HttpRequestDecoder(LONGEST_LINE, LARGEST_HEAD, LARGEST_PIECE))
                        .addLast(new Connection(service, threads));
                  }
                });
    var bound = bootstrap.bind(address).awaitUninterruptibly();
    if (!bound.isSuccess()) {
      throw new IOException("listen on " + address + ": " + bound.cause().getMessage());
    }
    listeners.add(bound.channel());
  }

  private static SslContext tls(FrontendSettings.Tls tls) throws IOException {
    try {
      return SslContextBuilder.forServer(tls.certificate().toFile(), tls.key().toFile())
          .trustManager(tls.authority().toFile())
          .clientAuth(ClientAuth.REQUIRE)
          .build();
    } catch (IOException | IllegalArgumentException e) {
      throw new IOException(
          "use %s, %s and %s for TLS: %s"
              .formatted(tls.authority(), tls.certificate(), tls.key(), e.getMessage()),
          e);
    }
  }

  @Override
  public void close() {
    listeners.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    threads.shutdownNow();
    events.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    if (file != null) {
      file.close();
    }
  }

  private static java.util.concurrent.ThreadFactory numbered() {
    AtomicInteger count = new AtomicInteger();
    return task -> {
      Thread thread = new Thread(task, "engine-" + count.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
