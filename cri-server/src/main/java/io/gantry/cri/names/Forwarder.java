package io.gantry.cri.names;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.channel.socket.nio.NioDatagramChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import java.net.InetSocketAddress;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Asks other servers, one after another, from a port and under a number that nobody can foresee
 * (RFC 5452). Used in its event loop only.
 */
final class Forwarder {
  private static final int MOST_AT_A_TIME = 512;
  private static final long PATIENCE_MILLIS = 2000;
  private static final int ROUNDS = 2;
  private static final int MAX_MESSAGE_BYTES = 65535;

  private final EventLoop loop;
  private final SecureRandom random = new SecureRandom();
  private int inFlight;

  Forwarder(EventLoop loop) {
    this.loop = loop;
  }

  /**
   * Asks.
   *
   * @param overTcp as the pod asked
   * @param answer is given the answer, or one that says that there is none, in the event loop
   */
  void ask(
      Question question,
      List<InetSocketAddress> servers,
      boolean overTcp,
      Consumer<byte[]> answer) {
    if (servers.isEmpty() || inFlight >= MOST_AT_A_TIME) {
      answer.accept(question.answer(Question.SERVER_FAILURE));
      return;
    }
    inFlight++;
    new Attempt(question, servers, overTcp, answer).next();
  }

  /** One question on its way through the servers. */
  private final class Attempt {
    private final Question question;
    private final List<InetSocketAddress> servers;
    private final boolean overTcp;
    private final Consumer<byte[]> answer;
    private int tries;

    Attempt(
        Question question,
        List<InetSocketAddress> servers,
        boolean overTcp,
        Consumer<byte[]> answer) {
      this.question = question;
      this.servers = servers;
      this.overTcp = overTcp;
      this.answer = answer;
    }

    void next() {
      int rounds = overTcp ? 1 : ROUNDS;
      if (tries >= servers.size() * rounds) {
        end(question.answer(Question.SERVER_FAILURE));
        return;
      }
      InetSocketAddress server = servers.get(tries % servers.size());
      tries++;
      new Call(this, random.nextInt(1 << 16)).begin(server);
    }

    private void end(byte[] message) {
      inFlight--;
      answer.accept(message);
    }
  }

  /** One server asked once; it ends exactly once, by its answer or without. */
  private final class Call {
    private final Attempt attempt;
    private final int id;
    private boolean over;
    private Channel channel;

    Call(Attempt attempt, int id) {
      this.attempt = attempt;
      this.id = id;
    }

    void begin(InetSocketAddress server) {
      Bootstrap bootstrap = new Bootstrap().group(loop);
      if (attempt.overTcp) {
        bootstrap
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, (int) PATIENCE_MILLIS)
            .handler(new Stream());
      } else {
        // Connected: the kernel lets nobody else's packets in.
        bootstrap.channel(NioDatagramChannel.class).handler(new Datagrams());
      }
      loop.schedule(() -> end(null), PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
      bootstrap
          .connect(server)
          .addListener(
              (io.netty.channel.ChannelFuture connected) -> {
                channel = connected.channel();
                if (!connected.isSuccess()) {
                  end(null);
                } else if (over) {
                  channel.close();
                } else {
                  ByteBuf message = Unpooled.wrappedBuffer(attempt.question.withId(id));
                  channel.writeAndFlush(
                      attempt.overTcp ? message : new DatagramPacket(message, server));
                }
              });
    }

    private void came(byte[] reply) {
      if (attempt.question.isAnsweredBy(reply, id)) {
        end(Question.withId(reply, attempt.question.id()));
      }
    }

    /** With no reply the next server is asked. */
    private void end(byte[] reply) {
      if (over) {
        return;
      }
      over = true;
      if (channel != null) {
        channel.close();
      }
      if (reply == null) {
        attempt.next();
      } else {
        attempt.end(reply);
      }
    }

    private final class Datagrams extends SimpleChannelInboundHandler<DatagramPacket> {
      @Override
      protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
        came(ByteBufUtil.getBytes(packet.content()));
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        end(null); // Nobody listens there, say.
      }
    }

    private final class Stream extends ChannelInitializer<Channel> {
      @Override
      protected void initChannel(Channel made) {
        made.pipeline()
            .addLast(new LengthFieldBasedFrameDecoder(MAX_MESSAGE_BYTES + 2, 0, 2, 0, 2))
            .addLast(new LengthFieldPrepender(2))
            .addLast(
                new SimpleChannelInboundHandler<ByteBuf>() {
                  @Override
                  protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
                    came(ByteBufUtil.getBytes(message));
                  }

                  @Override
                  public void channelInactive(ChannelHandlerContext context) {
                    end(null);
                  }

                  @Override
                  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                    end(null);
                  }
                });
      }
    }
  }
}
