package io.gantry.cri.daemon;

import io.gantry.cri.systemd.Notifier;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.cri.v1.StatusRequest;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Feeds the service manager's watchdog for as long as this daemon answers. It is asked as a kubelet
 * asks it, for Status by its socket, so that a daemon that merely runs does not pass for one that
 * works.
 */
final class Heartbeat implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Heartbeat.class);

  /** A beat may fail, and the next one may be late, before the watchdog's time is up. */
  private static final int BEATS = 3;

  private final Notifier notifier;
  private final Duration interval;
  private final EventLoopGroup loop;
  private final ManagedChannel channel;
  private final ScheduledExecutorService timer;

  private Heartbeat(Notifier notifier, Duration watchdog, Path socket) {
    this.notifier = notifier;
    this.interval = watchdog.dividedBy(BEATS);
    this.loop =
        new MultiThreadIoEventLoopGroup(
            1, new DefaultThreadFactory("heartbeat", true), EpollIoHandler.newFactory());
    this.channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(loop)
            .channelType(EpollDomainSocketChannel.class)
            .overrideAuthority("localhost")
            .usePlaintext()
            .build();
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            new DefaultThreadFactory("heartbeat-timer", true));
  }

  /** Begins, if anybody wants to know. */
  static Optional<Heartbeat> begin(Notifier notifier, Path socket) {
    return notifier.watchdog().map(watchdog -> new Heartbeat(notifier, watchdog, socket).started());
  }

  private Heartbeat started() {
    timer.scheduleWithFixedDelay(this::beat, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
    return this;
  }

  private void beat() {
    try {
      RuntimeServiceGrpc.newBlockingStub(channel)
          .withWaitForReady()
          .withDeadlineAfter(interval.toMillis(), TimeUnit.MILLISECONDS)
          .status(StatusRequest.getDefaultInstance());
    } catch (StatusRuntimeException e) {
      log.atWarn()
          .addKeyValue("error", e.getStatus())
          .log("the daemon does not answer itself; the watchdog is not fed");
      return;
    }
    notifier.alive();
  }

  @Override
  public void close() {
    timer.shutdownNow();
    channel.shutdownNow();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
