package io.gantry.cri.streaming;

import io.gantry.cri.streaming.command.Command;
import io.gantry.cri.streaming.connection.ClientConnection;
import io.gantry.cri.streaming.connection.LastHandler;
import io.gantry.cri.streaming.portforward.PortDialer;
import io.gantry.cri.streaming.portforward.PortForward;
import io.netty.bootstrap.ServerBootstrap;
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
import io.netty.handler.timeout.IdleStateHandler;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.netty.util.concurrent.GlobalEventExecutor;
import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Serves exec, attach and port forwarding to clients who come with a URL that was made here.
 * Thread-safe.
 */
public final class StreamingServer implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(StreamingServer.class);
  private static final int EVENT_LOOPS = 2;
  private static final int BACKLOG = 1024;
  private static final LastHandler LAST = new LastHandler();

  /** How much of what is written to one client may lie in memory, in bytes. */
  private static final WriteBufferWaterMark WRITE_BUFFER =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  private final StreamingSettings settings;
  private final Executor work;
  private final Optional<TlsFiles> tls;
  private final Tokens<Promise> tokens = new Tokens<>(System::nanoTime);
  private final ChannelGroup connections = new DefaultChannelGroup(GlobalEventExecutor.INSTANCE);
  private final EventLoopGroup events;
  private final String base;

  private StreamingServer(StreamingSettings settings, Executor work) throws IOException {
    this.settings = settings;
    this.work = work;
    this.tls =
        settings.tls().isPresent()
            ? Optional.of(TlsFiles.open(settings.tls().get()))
            : Optional.empty();
    this.events =
        new MultiThreadIoEventLoopGroup(
            EVENT_LOOPS, new DefaultThreadFactory("streaming", true), EpollIoHandler.newFactory());
    this.base = bind();
  }

  /**
   * Binds the address and begins to serve.
   *
   * @param work runs what blocks; unbounded, or sessions wait for each other
   * @throws IOException if the address cannot be bound, or the certificate not be used
   */
  public static StreamingServer start(StreamingSettings settings, Executor work)
      throws IOException {
    return new StreamingServer(settings, work);
  }

  private String bind() throws IOException {
    InetSocketAddress address = new InetSocketAddress(settings.address(), settings.port());
    ChannelFuture bound =
        new ServerBootstrap()
            .group(events)
            .channel(EpollServerSocketChannel.class)
            .option(ChannelOption.SO_BACKLOG, BACKLOG)
            .option(ChannelOption.SO_REUSEADDR, true)
            .childOption(ChannelOption.TCP_NODELAY, true)
            .childOption(ChannelOption.SO_KEEPALIVE, true)
            .childOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WRITE_BUFFER)
            .childHandler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel channel) {
                    accept(channel);
                  }
                })
            .bind(address)
            .awaitUninterruptibly();
    if (!bound.isSuccess()) {
      events.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw new IOException(
          "listen on %s for streaming: %s".formatted(address, bound.cause().getMessage()),
          bound.cause());
    }
    connections.add(bound.channel());
    int port = ((InetSocketAddress) bound.channel().localAddress()).getPort();
    String url = "%s://%s:%d".formatted(tls.isPresent() ? "https" : "http", host(), port);
    log.atInfo().addKeyValue("url", url).log("streaming server listens");
    return url;
  }

  /** The kubelet and crictl come from this machine, so loopback serves for "every address". */
  private String host() {
    InetAddress address = settings.address();
    if (address.isAnyLocalAddress()) {
      return address instanceof Inet6Address ? "[::1]" : "127.0.0.1";
    }
    return address instanceof Inet6Address
        ? "[" + address.getHostAddress().replaceFirst("%.*", "") + "]"
        : address.getHostAddress();
  }

  private void accept(Channel channel) {
    connections.add(channel);
    ClientConnection client = new ClientConnection(channel);
    IdleStateHandler untilRequest = idleAfter(settings.streamCreationTimeout());
    tls.ifPresent(files -> channel.pipeline().addLast(files.current().newHandler(channel.alloc())));
    channel.pipeline().addLast(untilRequest).addLast(client);
    UpgradeHandler.addTo(
        channel.pipeline(),
        tokens,
        new Upgrades(settings.streamCreationTimeout(), work),
        client,
        () -> channel.pipeline().replace(untilRequest, null, idleAfter(settings.idleTimeout())));
    channel.pipeline().addLast(LAST);
  }

  private static IdleStateHandler idleAfter(Duration time) {
    return new IdleStateHandler(0, 0, time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /**
   * A URL at which one client can have the command, once and soon.
   *
   * @throws io.gantry.cri.grpc.CriException EXHAUSTED when too many clients are awaited
   */
  String promise(Command command) {
    return promise(new Promise.OfCommand(command));
  }

  /**
   * A URL at which one client can reach the ports of a pod, once and soon.
   *
   * @throws io.gantry.cri.grpc.CriException EXHAUSTED when too many clients are awaited
   */
  String promise(String podId, List<Integer> ports, PortDialer dialer) {
    return promise(
        new Promise.OfPorts(
            new PortForward(
                podId,
                ports,
                dialer,
                settings.streamCreationTimeout(),
                PortForward.STALL_LIMIT,
                work)));
  }

  String promise(Promise promise) {
    return base + "/" + promise.path() + "/" + tokens.issue(promise);
  }

  /** Disconnects every client; an exec ends with its client. */
  @Override
  public void close() {
    connections.close().awaitUninterruptibly(1, TimeUnit.SECONDS);
    events.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
