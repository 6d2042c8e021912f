package io.gantry.docker.engine.image;

import io.gantry.proto.cri.v1.Container;
import io.gantry.proto.cri.v1.ContainerState;
import io.gantry.proto.cri.v1.ListContainersRequest;
import io.gantry.proto.cri.v1.RuntimeServiceGrpc;
import io.gantry.proto.v1.LayerSummary;
import io.gantry.proto.v1.LayersGrpc;
import io.gantry.proto.v1.ListLayersRequest;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;

/** Which containers need which image: those that run, and those that exist. */
final class ImageUses {

  /** A container that needs an image. */
  record Use(String imageId, String container, boolean running) {}

  private final Channel channel;

  ImageUses(Channel channel) {
    this.channel = channel;
  }

  /** All of them now. */
  List<Use> all() {
    List<Use> uses = new ArrayList<>();
    for (Container container :
        RuntimeServiceGrpc.newBlockingStub(channel)
            .listContainers(ListContainersRequest.getDefaultInstance())
            .getContainersList()) {
      boolean running = container.getState() == ContainerState.CONTAINER_RUNNING;
      String image =
          container.getImageId().isEmpty() ? container.getImageRef() : container.getImageId();
      uses.add(new Use(image, container.getId(), running));
    }
    try {
      for (LayerSummary layer :
          LayersGrpc.newBlockingStub(channel)
              .list(ListLayersRequest.getDefaultInstance())
              .getLayersList()) {
        uses.add(new Use(layer.getImageId(), layer.getKey(), false));
      }
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() != Status.Code.UNIMPLEMENTED) {
        throw e;
      }
    }
    return uses;
  }
}
