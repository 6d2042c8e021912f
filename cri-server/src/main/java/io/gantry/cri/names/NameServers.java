package io.gantry.cri.names;

import io.gantry.runtime.linux.Fd;
import io.gantry.runtime.linux.Linux;
import io.gantry.runtime.linux.NamespaceKind;
import io.gantry.runtime.linux.Namespaces;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.nio.channels.DatagramChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * The servers of all pods: each has its sockets in the pod's own network namespace, where nobody
 * else can reach them, and all are served by one thread outside. A socket stays in the namespace in
 * which it was made. Thread-safe.
 */
public final class NameServers implements AutoCloseable {
  /** Where pods find their server. */
  public static final String ADDRESS = "127.0.0.11";

  private static final int PORT = 53;
  private static final int BACKLOG = 64;

  private final Linux linux;
  private final Supplier<List<InetSocketAddress>> machineServers;
  private final EventLoopGroup events =
      new MultiThreadIoEventLoopGroup(
          1, new DefaultThreadFactory("names", true), NioIoHandler.newFactory());
  private final Forwarder forwarder;
  private final Map<String, List<Channel>> servers = new ConcurrentHashMap<>();

  private record Sockets(DatagramChannel udp, ServerSocketChannel tcp) {}

  /**
   * @param machineServers asked for names of the world, unless a pod has servers of its own
   */
  public NameServers(Linux linux, Supplier<List<InetSocketAddress>> machineServers) {
    this.linux = linux;
    this.machineServers = machineServers;
    this.forwarder = new Forwarder(events.next());
  }

  /**
   * Begins to answer a pod; does nothing if it is answered already.
   *
   * @param networkNamespace where the pod's is pinned
   */
  public void open(String podId, Path networkNamespace, Zone zone) throws IOException {
    if (servers.containsKey(podId)) {
      return;
    }
    Sockets sockets;
    String pin = networkNamespace.toString();
    try (Fd namespace = linux.namespaces().open(pin, NamespaceKind.NETWORK)) {
      sockets =
          linux
              .namespaces()
              .visit(
                  Set.of(new Namespaces.Visit(namespace, NamespaceKind.NETWORK)),
                  NameServers::bind);
    }
    PodServer server = new PodServer(zone, forwarder, machineServers);
    NioDatagramChannel udp = new NioDatagramChannel(sockets.udp());
    udp.pipeline().addLast(server.datagrams());
    NioServerSocketChannel tcp = new NioServerSocketChannel(sockets.tcp());
    tcp.pipeline().addLast(server.connections());
    List<Channel> channels = List.of(udp, tcp);
    for (Channel channel : channels) {
      ChannelFuture registered = events.register(channel).awaitUninterruptibly();
      if (!registered.isSuccess()) {
        channels.forEach(Channel::close);
        throw new IOException("serve names", registered.cause());
      }
    }
    servers.put(podId, channels);
  }

  /** Runs inside the pod's network namespace. */
  private static Sockets bind() throws IOException {
    InetSocketAddress where = new InetSocketAddress(InetAddress.getByName(ADDRESS), PORT);
    DatagramChannel udp = DatagramChannel.open(StandardProtocolFamily.INET);
    try {
      udp.setOption(StandardSocketOptions.SO_REUSEADDR, true);
      udp.bind(where);
      ServerSocketChannel tcp = ServerSocketChannel.open(StandardProtocolFamily.INET);
      try {
        tcp.setOption(StandardSocketOptions.SO_REUSEADDR, true);
        tcp.bind(where, BACKLOG);
        return new Sockets(udp, tcp);
      } catch (IOException e) {
        tcp.close();
        throw e;
      }
    } catch (IOException e) {
      udp.close();
      throw new IOException(
          "listen on %s:%d in the pod for names: %s".formatted(ADDRESS, PORT, e.getMessage()), e);
    }
  }

  /** Answers a pod no more; does nothing if it was not answered. */
  public void close(String podId) {
    Optional.ofNullable(servers.remove(podId))
        .ifPresent(
            channels ->
                channels.forEach(
                    channel -> channel.close().awaitUninterruptibly(1, TimeUnit.SECONDS)));
  }

  @Override
  public void close() {
    Set.copyOf(servers.keySet()).forEach(this::close);
    events.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
