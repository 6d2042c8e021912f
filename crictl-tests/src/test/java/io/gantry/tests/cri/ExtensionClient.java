package io.gantry.tests.cri;

import io.gantry.proto.v1.ContainersGrpc;
import io.gantry.proto.v1.ImagesGrpc;
import io.gantry.proto.v1.LayersGrpc;
import io.gantry.proto.v1.NodeGrpc;
import io.gantry.proto.v1.VolumesGrpc;
import io.gantry.tests.tools.Patience;
import io.grpc.Channel;
import io.grpc.stub.AbstractStub;
import java.util.concurrent.TimeUnit;

/**
 * gantry.v1's services of containers and images over the CRI's socket. Every call has a deadline.
 */
public final class ExtensionClient {
  private static final long CALL_DEADLINE_SECONDS = 60;

  private final Channel channel;

  private ExtensionClient(Channel channel) {
    this.channel = channel;
  }

  /** Uses the other's connection, and ends with it. */
  public static ExtensionClient of(CriClient cri) {
    return new ExtensionClient(cri.channel());
  }

  public ContainersGrpc.ContainersBlockingStub containers() {
    return limited(ContainersGrpc.newBlockingStub(channel));
  }

  public ImagesGrpc.ImagesBlockingStub images() {
    return limited(ImagesGrpc.newBlockingStub(channel));
  }

  public ImagesGrpc.ImagesStub imagesLater() {
    return limited(ImagesGrpc.newStub(channel));
  }

  public LayersGrpc.LayersBlockingStub layers() {
    return limited(LayersGrpc.newBlockingStub(channel));
  }

  public LayersGrpc.LayersStub layersLater() {
    return limited(LayersGrpc.newStub(channel));
  }

  public VolumesGrpc.VolumesBlockingStub volumes() {
    return limited(VolumesGrpc.newBlockingStub(channel));
  }

  public NodeGrpc.NodeBlockingStub node() {
    return limited(NodeGrpc.newBlockingStub(channel));
  }

  /** A session with a process; {@link ProcessTalk#exec} or {@link ProcessTalk#attach} begins it. */
  public ContainersGrpc.ContainersStub sessions() {
    return limited(ContainersGrpc.newStub(channel));
  }

  private static <S extends AbstractStub<S>> S limited(S stub) {
    return stub.withWaitForReady()
        .withDeadlineAfter(Patience.seconds(CALL_DEADLINE_SECONDS), TimeUnit.SECONDS);
  }
}
