package io.gantry.tests.cri;

import io.gantry.proto.cri.v1.ImageServiceGrpc;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.cri.v1.VersionRequest;
import io.gantry.proto.v1.BuilderGrpc;
import io.gantry.proto.v1.ImagesGrpc;
import io.gantry.proto.v1.NetworksGrpc;
import io.gantry.tests.tools.Patience;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The CRI over a unix socket, blocking. Every call has a deadline; thread-safe.
 *
 * <p>The channel reconnects by itself when a daemon comes back.
 */
public final class CriClient implements AutoCloseable {

  public static final VersionRequest VERSION_REQUEST = VersionRequest.getDefaultInstance();

  private static final long CALL_DEADLINE_SECONDS = 60;
  // ExecSync may answer with 16 MiB of each stream.
  private static final int LARGEST_MESSAGE_BYTES = 80 << 20;

  private static final int ENOUGH_ANSWERS = 3;

  private final EventLoopGroup loop;
  private final boolean ownsLoop;
  private final ManagedChannel channel;

  private CriClient(EventLoopGroup loop, boolean ownsLoop, ManagedChannel channel) {
    this.loop = loop;
    this.ownsLoop = ownsLoop;
    this.channel = channel;
  }

  /** A client of the socket, which need not exist yet. */
  public static CriClient connect(Path socket) {
    return connect(socket, new MultiThreadIoEventLoopGroup(2, EpollIoHandler.newFactory()), true);
  }

  /** A client of the socket on a loop that others may use, too, and that outlives this. */
  public static CriClient connect(Path socket, EventLoopGroup loop) {
    return connect(socket, loop, false);
  }

  private static CriClient connect(Path socket, EventLoopGroup loop, boolean ownsLoop) {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(loop)
            .channelType(EpollDomainSocketChannel.class)
            .overrideAuthority("localhost")
            .maxInboundMessageSize(LARGEST_MESSAGE_BYTES)
            .usePlaintext()
            .build();
    return new CriClient(loop, ownsLoop, channel);
  }

  public RuntimeServiceGrpc.RuntimeServiceBlockingStub runtime() {
    return RuntimeServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(Patience.seconds(CALL_DEADLINE_SECONDS), TimeUnit.SECONDS);
  }

  /** Builds of images: requests stream in, and progress streams out. */
  public BuilderGrpc.BuilderStub builder() {
    return BuilderGrpc.newStub(channel).withWaitForReady();
  }

  public ImageServiceGrpc.ImageServiceBlockingStub images() {
    return ImageServiceGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(Patience.seconds(CALL_DEADLINE_SECONDS), TimeUnit.SECONDS);
  }

  public NetworksGrpc.NetworksBlockingStub networks() {
    return NetworksGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(Patience.seconds(CALL_DEADLINE_SECONDS), TimeUnit.SECONDS);
  }

  /** The connection, for other services of the same socket. */
  Channel channel() {
    return channel;
  }

  /** What gantry knows of images beyond the CRI. */
  public ImagesGrpc.ImagesBlockingStub imagesBeyondCri() {
    return ImagesGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(Patience.seconds(CALL_DEADLINE_SECONDS), TimeUnit.SECONDS);
  }

  /**
   * Calls an RPC with bytes that need not be a message, and returns how it ended; several answers
   * of a stream are success, and enough.
   *
   * @param method full name, such as {@code runtime.v1.RuntimeService/Version}
   */
  public Status call(String method, byte[] request, Duration deadline) {
    return RawCall.make(channel, method, request, ENOUGH_ANSWERS, deadline);
  }

  /** Tries to connect at once instead of after the back-off of earlier failures. */
  public void reconnect() {
    channel.resetConnectBackoff();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    if (ownsLoop) {
      loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
  }
}
