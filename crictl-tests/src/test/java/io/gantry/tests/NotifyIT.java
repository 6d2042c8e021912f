package io.gantry.tests;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.gantry.tests.node.Gantry;
import io.gantry.tests.node.NodeDirectory;
import io.gantry.tests.tools.Command;
import io.gantry.tests.tools.Patience;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.epoll.EpollDomainDatagramChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainDatagramPacket;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What the daemon tells a service manager of itself, as sd_notify(3) and its watchdog want it. */
@Tag("root")
class NotifyIT {

  private static final Duration SOON = Duration.ofSeconds(20);

  private final NodeDirectory directory = NodeDirectory.create();
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final BlockingQueue<String> told = new LinkedBlockingQueue<>();
  private Gantry daemon;

  @BeforeEach
  void listenAndStart() {
    Path socket = directory.path().resolve("notify");
    new Bootstrap()
        .group(loop)
        .channel(EpollDomainDatagramChannel.class)
        .handler(
            new SimpleChannelInboundHandler<DomainDatagramPacket>() {
              @Override
              protected void channelRead0(ChannelHandlerContext from, DomainDatagramPacket one) {
                told.add(one.content().toString(StandardCharsets.UTF_8));
              }
            })
        .bind(new DomainSocketAddress(socket.toFile()))
        .syncUninterruptibly();
    long micros = Patience.of(Duration.ofSeconds(3)).toMillis() * 1000;
    daemon =
        Gantry.with(
            Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", Long.toString(micros)),
            directory);
    daemon.start();
  }

  @AfterEach
  void stop() {
    if (daemon.process().isAlive()) {
      daemon.kill();
    }
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    directory.removeNetwork();
    directory.delete();
  }

  /** The next message that begins so; others before it are passed over. */
  private String await(String beginning) throws InterruptedException {
    long end = System.nanoTime() + Patience.of(SOON).toNanos();
    while (System.nanoTime() < end) {
      String next = told.poll(1, TimeUnit.SECONDS);
      if (next != null && next.startsWith(beginning)) {
        return next;
      }
    }
    throw new AssertionError("not told within " + SOON + ": " + beginning);
  }

  @Test
  void start_reload_stop_areTold_andTheWatchdogIsFedBetween() throws Exception {
    String ready = await("READY=1");
    assertEquals("READY=1\nSTATUS=serves unix://" + directory.socket(), ready);
    await("WATCHDOG=1");
    await("WATCHDOG=1");

    signal("HUP");

    assertTrue(await("RELOADING=1").contains("MONOTONIC_USEC="));
    assertEquals(ready, await("READY=1"));

    daemon.stop();

    await("STOPPING=1");
    assertEquals(List.of(), List.copyOf(told));
  }

  private void signal(String name) {
    Command.of("kill", "-" + name, Long.toString(daemon.process().pid())).run().orFail();
  }
}
