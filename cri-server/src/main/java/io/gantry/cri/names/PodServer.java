package io.gantry.cri.names;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.socket.DatagramPacket;
import io.netty.handler.codec.LengthFieldBasedFrameDecoder;
import io.netty.handler.codec.LengthFieldPrepender;
import io.netty.handler.timeout.ReadTimeoutHandler;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Answers one pod. Used in its event loop only. */
final class PodServer {
  private static final int MOST_IN_FLIGHT = 128;
  private static final int MOST_CONNECTIONS = 32;
  private static final int CONNECTION_SECONDS = 10;
  private static final int MAX_QUERY_BYTES = 4096;

  private final Zone zone;
  private final Forwarder forwarder;
  private final Supplier<List<InetSocketAddress>> machineServers;
  private int inFlight;
  private int connections;

  PodServer(Zone zone, Forwarder forwarder, Supplier<List<InetSocketAddress>> machineServers) {
    this.zone = zone;
    this.forwarder = forwarder;
    this.machineServers = machineServers;
  }

  private void answer(byte[] message, boolean overTcp, Consumer<byte[]> reply) {
    var parsed = Question.parse(message);
    if (parsed.isEmpty()) {
      return;
    }
    Question question = parsed.get();
    var known = Resolution.of(question, zone);
    if (known.isPresent()) {
      reply.accept(known.get());
    } else if (!zone.knowsTheWorld()) {
      reply.accept(question.answer(Question.REFUSED));
    } else if (inFlight >= MOST_IN_FLIGHT) {
      reply.accept(question.answer(Question.SERVER_FAILURE));
    } else {
      inFlight++;
      List<InetSocketAddress> asked = zone.servers();
      forwarder.ask(
          question,
          asked.isEmpty() ? machineServers.get() : asked,
          overTcp,
          answer -> {
            inFlight--;
            reply.accept(answer);
          });
    }
  }

  /** What handles the pod's datagrams. */
  ChannelInboundHandlerAdapter datagrams() {
    return new SimpleChannelInboundHandler<DatagramPacket>() {
      @Override
      protected void channelRead0(ChannelHandlerContext context, DatagramPacket packet) {
        InetSocketAddress from = packet.sender();
        answer(
            ByteBufUtil.getBytes(packet.content()),
            false,
            reply ->
                context.writeAndFlush(new DatagramPacket(Unpooled.wrappedBuffer(reply), from)));
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // An asker that has closed its port meanwhile; the others are none the worse.
      }
    };
  }

  /** What handles connections that the pod makes. */
  ChannelInboundHandlerAdapter connections() {
    return new ChannelInboundHandlerAdapter() {
      @Override
      public void channelRead(ChannelHandlerContext context, Object accepted) {
        Channel connection = (Channel) accepted;
        if (connections >= MOST_CONNECTIONS) {
          connection.unsafe().closeForcibly();
          return;
        }
        connections++;
        connection.closeFuture().addListener((ChannelFutureListener) closed -> connections--);
        connection
            .pipeline()
            .addLast(new ReadTimeoutHandler(CONNECTION_SECONDS))
            .addLast(new LengthFieldBasedFrameDecoder(MAX_QUERY_BYTES, 0, 2, 0, 2))
            .addLast(new LengthFieldPrepender(2))
            .addLast(messages());
        context.channel().eventLoop().register(connection);
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        // One connection that could not be accepted.
      }
    };
  }

  private SimpleChannelInboundHandler<ByteBuf> messages() {
    return new SimpleChannelInboundHandler<>() {
      @Override
      protected void channelRead0(ChannelHandlerContext context, ByteBuf message) {
        answer(
            ByteBufUtil.getBytes(message),
            true,
            reply -> context.writeAndFlush(Unpooled.wrappedBuffer(reply)));
      }

      @Override
      public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        context.close();
      }
    };
  }
}
