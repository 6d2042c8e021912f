package io.gantry.cri.daemon;

import io.gantry.cri.config.Config;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Serves gRPC on a unix socket that root and its group may use. */
final class GrpcServer {
  private static final String SOCKET_MODE = "rw-rw----";
  private static final Set<PosixFilePermission> PRIVATE =
      PosixFilePermissions.fromString("rwx------");

  private final Path socket;
  private final Server server;
  private final EventLoopGroup events;
  private final ExecutorService workers;

  private GrpcServer(Path socket, Server server, EventLoopGroup events, ExecutorService workers) {
    this.socket = socket;
    this.server = server;
    this.events = events;
    this.workers = workers;
  }

  /**
   * Binds the socket and begins to serve. A socket file that nobody serves any more is replaced.
   *
   * @throws StartException if another process serves the socket, its path holds something else, or
   *     binding fails
   */
  static GrpcServer start(Config.Server config, List<ServerServiceDefinition> services)
      throws StartException {
    Path socket = config.listen().socket();
    refuseUnlessFree(socket);
    EventLoopGroup events =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("grpc"), EpollIoHandler.newFactory());
    // Handlers block (mounts, plugins, shims), so each request in flight has a thread of its own.
    ExecutorService workers = Executors.newCachedThreadPool(threads());
    Path directory = null;
    Path bound = null;
    try {
      Files.createDirectories(socket.getParent());
      // Bound where only root can go, then moved: the socket is never open to others, nor bound but
      // not yet listening.
      directory = bindDirectory(socket);
      bound = directory.resolve("s");
      Files.deleteIfExists(bound); // A daemon was killed right here.
      Files.deleteIfExists(directory);
      Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(PRIVATE));
      var builder =
          NettyServerBuilder.forAddress(new DomainSocketAddress(bound.toString()))
              .channelType(EpollServerDomainSocketChannel.class)
              .bossEventLoopGroup(events)
              .workerEventLoopGroup(events)
              .executor(workers)
              .maxInboundMessageSize(config.maxReceiveBytes())
              .permitKeepAliveTime(10, TimeUnit.SECONDS)
              .permitKeepAliveWithoutCalls(true);
      services.forEach(builder::addService);
      Server server = builder.build().start();
      Files.setPosixFilePermissions(bound, PosixFilePermissions.fromString(SOCKET_MODE));
      Files.move(bound, socket, StandardCopyOption.ATOMIC_MOVE);
      return new GrpcServer(socket, server, events, workers);
    } catch (IOException e) {
      events.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      workers.shutdown();
      throw new StartException("listen on " + socket, e);
    } finally {
      deleteQuietly(bound);
      deleteQuietly(directory);
    }
  }

  /**
   * Stops taking requests, gives those in flight {@code grace} to end, then cancels them.
   *
   * @return whether all ended in time
   */
  boolean stop(Duration grace) throws InterruptedException {
    deleteQuietly(socket);
    server.shutdown();
    boolean ended = server.awaitTermination(grace.toMillis(), TimeUnit.MILLISECONDS);
    if (!ended) {
      server.shutdownNow();
      server.awaitTermination(1, TimeUnit.SECONDS);
    }
    workers.shutdownNow();
    events.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    return ended;
  }

  /** One per socket, with a name short enough that the path is no longer than the socket's own. */
  private static Path bindDirectory(Path socket) {
    int hash = socket.getFileName().hashCode() & 0xffff;
    return socket.resolveSibling(".b%04x".formatted(hash));
  }

  private static void refuseUnlessFree(Path socket) throws StartException {
    if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    if (!isSocket(socket)) {
      throw new StartException("listen on " + socket + ": the path exists and is no socket");
    }
    try (SocketChannel probe = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      probe.connect(UnixDomainSocketAddress.of(socket));
    } catch (IOException e) {
      return; // Nobody accepts: left over from a daemon that was killed.
    }
    throw new StartException("listen on " + socket + ": another process serves this socket");
  }

  private static boolean isSocket(Path path) {
    return !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)
        && !Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS)
        && !Files.isSymbolicLink(path);
  }

  /** What cannot be deleted here is replaced by the next start. */
  private static void deleteQuietly(Path path) {
    if (path == null) {
      return;
    }
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      org.slf4j.LoggerFactory.getLogger(GrpcServer.class)
          .atWarn()
          .addKeyValue("path", path)
          .addKeyValue("error", e)
          .log("could not delete");
    }
  }

  private static java.util.concurrent.ThreadFactory threads() {
    var number = new AtomicInteger();
    return task -> {
      var thread = new Thread(task, "rpc-" + number.incrementAndGet());
      thread.setDaemon(true);
      return thread;
    };
  }
}
