package io.gantry.cri.streaming.connection;

import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.DuplexChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.EventExecutor;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of one client. It sits in the pipeline below all that knows a protocol.
 * Thread-safe but for the pipeline's own methods.
 */
public final class ClientConnection extends ChannelDuplexHandler {
  private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);

  /** How long a client may take to hang up after it was told all. */
  static final Duration FAREWELL = Duration.ofSeconds(10);

  private final Channel channel;
  private final Object writability = new Object();
  private ChannelHandlerContext context; // set before anything else happens
  // Confined to the event loop.
  private boolean paused;
  private boolean leaving;

  public ClientConnection(Channel channel) {
    this.channel = channel;
  }

  /** The thread on which all events of this connection come. */
  public EventExecutor loop() {
    return channel.eventLoop();
  }

  public Channel channel() {
    return channel;
  }

  /** Whether more may be written now without being kept in memory for long. */
  public boolean isWritable() {
    return channel.isWritable();
  }

  /**
   * Waits until the client has taken enough of what was written, or is gone. Not for the event
   * loop.
   *
   * @return whether the client is there
   */
  public boolean awaitWritable() throws InterruptedException {
    if (channel.eventLoop().inEventLoop()) {
      throw new IllegalStateException("the event loop would wait for itself");
    }
    synchronized (writability) {
      while (channel.isActive() && !channel.isWritable()) {
        writability.wait();
      }
    }
    return channel.isActive();
  }

  /**
   * Reads from the client, or leaves what it sends in the kernel's buffers, which in turn makes the
   * client wait. For the event loop.
   */
  public void reading(boolean on) {
    paused = !on;
    channel.config().setAutoRead(on);
  }

  /**
   * Ends the connection after everything written so far. The client's last bytes are read and
   * dropped until it hangs up: closing a socket with unread bytes in it makes the kernel send a
   * reset (RFC 2525, 2.17), which would take away what the client has not read yet.
   */
  public void leave() {
    channel.eventLoop().execute(this::leaveNow);
  }

  private void leaveNow() {
    if (leaving) {
      return;
    }
    leaving = true;
    reading(true);
    context
        .writeAndFlush(Unpooled.EMPTY_BUFFER)
        .addListener(written -> sayEndOfStream().addListener(done -> closeAfterFarewell()));
  }

  private ChannelFuture sayEndOfStream() {
    SslHandler tls = channel.pipeline().get(SslHandler.class);
    ChannelFuture told = tls == null ? channel.newSucceededFuture() : tls.closeOutbound();
    if (channel instanceof DuplexChannel socket) {
      told.addListener(done -> socket.shutdownOutput());
    }
    return told;
  }

  private void closeAfterFarewell() {
    var timer =
        channel
            .eventLoop()
            .schedule(() -> channel.close(), FAREWELL.toMillis(), TimeUnit.MILLISECONDS);
    channel.closeFuture().addListener(closed -> timer.cancel(false));
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) {
    context = added;
  }

  /**
   * Netty's SPDY codec asks for more after every read when reading is not automatic, because the
   * class below it does not see what it passes on. So a pause is held here.
   */
  @Override
  public void read(ChannelHandlerContext from) {
    if (!paused) {
      from.read();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    if (leaving) {
      ReferenceCountUtil.release(message);
      return;
    }
    from.fireChannelRead(message);
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext from) {
    wake();
    from.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) {
    wake();
    from.fireChannelInactive();
  }

  private void wake() {
    synchronized (writability) {
      writability.notifyAll();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) {
    if (event instanceof IdleStateEvent) {
      log.atInfo().addKeyValue("client", channel.remoteAddress()).log("idle client disconnected");
      from.close();
      return;
    }
    from.fireUserEventTriggered(event);
  }
}
