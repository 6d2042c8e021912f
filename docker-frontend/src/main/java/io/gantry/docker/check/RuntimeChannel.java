package io.gantry.docker.check;

import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.internal.logging.InternalLoggerFactory;
import io.netty.util.internal.logging.JdkLoggerFactory;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A gRPC channel to a runtime's unix socket, with the one thread that serves it.
 *
 * @param grpc the channel; connects with the first call
 */
record RuntimeChannel(ManagedChannel grpc, EventLoopGroup thread) implements AutoCloseable {

  /** Held, because java.util.logging forgets the level of a logger that nobody holds. */
  private static final Logger NETTY = Logger.getLogger("io.netty");

  static RuntimeChannel open(Path socket) {
    // Whatever logging is on the class path: a command's standard error belongs to its user. Netty
    // would warn that a unix socket has no SO_KEEPALIVE.
    InternalLoggerFactory.setDefaultFactory(JdkLoggerFactory.INSTANCE);
    NETTY.setLevel(Level.SEVERE);
    EventLoopGroup thread = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(thread)
            .channelType(EpollDomainSocketChannel.class, DomainSocketAddress.class)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    return new RuntimeChannel(channel, thread);
  }

  @Override
  public void close() {
    grpc.shutdownNow();
    thread.shutdownGracefully(0, 0, TimeUnit.SECONDS);
  }
}
