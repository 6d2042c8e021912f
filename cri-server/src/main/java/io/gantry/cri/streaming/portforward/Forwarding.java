package io.gantry.cri.streaming.portforward;

import io.gantry.cri.streaming.connection.ClientConnection;
import io.gantry.runtime.linux.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollSocketChannel;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * One forwarded TCP connection. Both ends live on the event loop of the client's connection, to
 * which all here is confined but for the dialing.
 */
final class Forwarding extends ChannelInboundHandlerAdapter {
  /** How long one direction may be silent after the other has ended. */
  static final Duration GRACE = Duration.ofSeconds(1);

  private final int port;
  private final ForwardingClient client;
  private final ClientConnection connection;
  private final Backlog backlog;
  private final Queue<ByteBuf> early = new ArrayDeque<>(); // before the pod is connected
  private EpollSocketChannel pod; // null before it is connected
  private long waitingBytes;
  private boolean clientEnded;
  private boolean podEnded;
  private boolean over;
  private long lastMoveNanos;

  Forwarding(int port, ForwardingClient client, ClientConnection connection, Backlog backlog) {
    this.port = port;
    this.client = client;
    this.connection = connection;
    this.backlog = backlog;
    backlog.join(this);
  }

  void begin(PortDialer dialer, Executor work) {
    work.execute(
        () -> {
          try {
            Fd socket = dialer.dial(port);
            connection.loop().execute(() -> connected(socket));
          } catch (IOException | RuntimeException e) {
            String reason = e.getMessage() == null ? e.toString() : e.getMessage();
            connection.loop().execute(() -> finish(Optional.of(failed(reason))));
          }
        });
  }

  private String failed(String reason) {
    return "port forward to port " + port + ": " + reason;
  }

  private void connected(Fd socket) {
    if (over) {
      socket.close();
      return;
    }
    pod = new EpollSocketChannel(socket.release());
    pod.config().setAllowHalfClosure(true);
    pod.config().setTcpNoDelay(true);
    pod.config().setAutoRead(connection.isWritable());
    pod.pipeline().addLast(this);
    connection
        .channel()
        .eventLoop()
        .register(pod)
        .addListener(
            registered -> {
              if (!registered.isSuccess()) {
                finish(Optional.of(failed(String.valueOf(registered.cause()))));
              }
            });
    for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
      toPod(bytes);
    }
    if (clientEnded) {
      endPodInput();
    }
  }

  /** Bytes from the client; takes them over. */
  void data(ByteBuf bytes) {
    if (over || clientEnded) {
      bytes.release();
      return;
    }
    moved();
    waitingBytes += bytes.readableBytes();
    backlog.added(bytes.readableBytes());
    if (pod == null) {
      early.add(bytes);
    } else {
      toPod(bytes);
    }
  }

  private void toPod(ByteBuf bytes) {
    int count = bytes.readableBytes();
    pod.writeAndFlush(bytes)
        .addListener(
            written -> {
              moved();
              taken(count);
              if (!written.isSuccess()) {
                podWriteFailed();
              }
            });
  }

  /** The pod reads no more, but may still send. */
  private void podWriteFailed() {
    if (podEnded) {
      finish(Optional.empty());
    }
  }

  private void taken(long count) {
    waitingBytes -= count;
    backlog.taken((int) count);
  }

  long waitingBytes() {
    return waitingBytes;
  }

  /** The client sends no more. */
  void clientEnded() {
    if (clientEnded || over) {
      return;
    }
    clientEnded = true;
    if (pod != null) {
      endPodInput();
    }
  }

  private void endPodInput() {
    pod.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> pod.shutdownOutput());
    directionEnded();
  }

  void clientWritable(boolean writable) {
    if (pod != null) {
      pod.config().setAutoRead(writable);
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    moved();
    ByteBuf bytes = (ByteBuf) message;
    if (over) {
      bytes.release();
      return;
    }
    client.send(bytes);
    if (!connection.isWritable()) {
      pod.config().setAutoRead(false);
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof ChannelInputShutdownEvent && !podEnded && !over) {
      podEnded = true;
      client.ended();
      directionEnded();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    finish(Optional.empty());
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    finish(Optional.of(failed(String.valueOf(cause.getMessage()))));
  }

  private void moved() {
    lastMoveNanos = System.nanoTime();
  }

  private void directionEnded() {
    if (clientEnded && podEnded) {
      pod.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(written -> finish(Optional.empty()));
      return;
    }
    moved();
    watchGrace(GRACE.toNanos());
  }

  private void watchGrace(long nanos) {
    connection.loop().schedule(this::endIfSilent, nanos, TimeUnit.NANOSECONDS);
  }

  /** A direction that still carries bytes, or waits for a slow client, is not cut. */
  private void endIfSilent() {
    if (over) {
      return;
    }
    boolean clientSlow = !podEnded && !connection.isWritable();
    long left = GRACE.toNanos() - (System.nanoTime() - lastMoveNanos);
    if (clientSlow) {
      watchGrace(GRACE.toNanos());
    } else if (left > 0) {
      watchGrace(left);
    } else {
      finish(Optional.empty());
    }
  }

  /** Ends the connection for a fault of the pod's. */
  void cutOff(String reason) {
    finish(Optional.of(failed(reason)));
  }

  /** The client has given the connection up, or is gone. */
  void abandon() {
    finish(Optional.empty());
  }

  private void finish(Optional<String> failure) {
    if (over) {
      return;
    }
    over = true;
    backlog.leave(this);
    for (ByteBuf bytes = early.poll(); bytes != null; bytes = early.poll()) {
      taken(bytes.readableBytes());
      bytes.release();
    }
    if (pod != null) {
      pod.close();
    }
    client.done(failure);
  }
}
