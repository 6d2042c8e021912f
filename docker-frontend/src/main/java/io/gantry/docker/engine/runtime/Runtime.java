package io.gantry.docker.engine.runtime;

import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ContainerStatus;
import io.gantry.proto.cri.v1.ContainerStatusRequest;
import io.gantry.proto.cri.v1.ImageServiceGrpc;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.v1.ContainersGrpc;
import io.gantry.proto.v1.ImagesGrpc;
import io.gantry.proto.v1.LayersGrpc;
import io.gantry.proto.v1.NetworksGrpc;
import io.gantry.proto.v1.VolumesGrpc;
import io.gantry.proto.v1.WaitRequest;
import io.gantry.proto.v1.WaitResponse;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.Optional;
import java.util.function.Consumer;

/** Stubs for all that the engine asks of the runtime. */
public final class Runtime {
  private static final long POLL_MILLIS = 200;

  private final Channel channel;

  public Runtime(Channel channel) {
    this.channel = channel;
  }

  public RuntimeServiceGrpc.RuntimeServiceBlockingStub pods() {
    return RuntimeServiceGrpc.newBlockingStub(channel);
  }

  public ImageServiceGrpc.ImageServiceBlockingStub criImages() {
    return ImageServiceGrpc.newBlockingStub(channel);
  }

  public ImagesGrpc.ImagesBlockingStub images() {
    return ImagesGrpc.newBlockingStub(channel);
  }

  public LayersGrpc.LayersBlockingStub layers() {
    return LayersGrpc.newBlockingStub(channel);
  }

  public VolumesGrpc.VolumesBlockingStub volumes() {
    return VolumesGrpc.newBlockingStub(channel);
  }

  public NetworksGrpc.NetworksBlockingStub networks() {
    return NetworksGrpc.newBlockingStub(channel);
  }

  public ContainersGrpc.ContainersBlockingStub containers() {
    return ContainersGrpc.newBlockingStub(channel);
  }

  /** For conversations with processes. */
  public ContainersGrpc.ContainersStub processes() {
    return ContainersGrpc.newStub(channel);
  }

  /** How a container stands; empty if the runtime has none of that id. */
  public Optional<ContainerStatus> status(String containerId) {
    try {
      return Optional.of(
          pods()
              .containerStatus(
                  ContainerStatusRequest.newBuilder().setContainerId(containerId).build())
              .getStatus());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /**
   * Has an action run when a container has ended.
   *
   * @param ended gets its last status; empty if the runtime knows no such container any more
   */
  public void whenEnded(String containerId, Consumer<Optional<ContainerStatus>> ended) {
    processes()
        .wait(
            WaitRequest.newBuilder().setContainerId(containerId).build(),
            new StreamObserver<WaitResponse>() {
              @Override
              public void onNext(WaitResponse response) {
                // The status has all of it, and more.
              }

              @Override
              public void onError(Throwable failure) {
                Status.Code code = Status.fromThrowable(failure).getCode();
                if (code == Status.Code.UNIMPLEMENTED) {
                  poll(containerId, ended);
                } else if (code == Status.Code.NOT_FOUND) {
                  ended.accept(Optional.empty());
                }
                // Else the runtime is being ended; the next one is asked anew.
              }

              @Override
              public void onCompleted() {
                ended.accept(status(containerId));
              }
            });
  }

  /** For runtimes that are no gantry. */
  private void poll(String containerId, Consumer<Optional<ContainerStatus>> ended) {
    Thread thread =
        new Thread(
            () -> {
              try {
                Optional<ContainerStatus> status = status(containerId);
                while (status.isPresent()
                    && status.get().getState() == ContainerState.CONTAINER_RUNNING) {
                  Thread.sleep(POLL_MILLIS);
                  status = status(containerId);
                }
                ended.accept(status);
              } catch (InterruptedException | StatusRuntimeException e) {
                // The runtime is being ended.
              }
            },
            "wait-" + containerId);
    thread.setDaemon(true);
    thread.start();
  }
}
