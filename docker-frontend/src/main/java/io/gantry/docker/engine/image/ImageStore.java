package io.gantry.docker.engine.image;

import io.gantry.docker.engine.api.EngineException;
import io.gantry.proto.v1.ImageDetails;
import io.gantry.proto.v1.ImagesGrpc;
import io.gantry.proto.v1.InspectImageRequest;
import io.gantry.proto.v1.ListImageDetailsRequest;
import io.grpc.Channel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.ArrayList;
import java.util.List;

/** The images that are here, as the extension API tells of them. Thread-safe. */
final class ImageStore {

  private final Channel channel;

  ImageStore(Channel channel) {
    this.channel = channel;
  }

  Channel channel() {
    return channel;
  }

  ImagesGrpc.ImagesBlockingStub api() {
    return ImagesGrpc.newBlockingStub(channel);
  }

  /**
   * The image of that name or id.
   *
   * @throws EngineException 404 in Docker's words if there is none
   */
  ImageDetails find(String name) throws EngineException {
    try {
      return api().inspect(InspectImageRequest.newBuilder().setImage(name).build());
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        throw noSuchImage(name);
      }
      throw e;
    }
  }

  static EngineException noSuchImage(String name) {
    boolean id = name.matches("(sha256:)?[0-9a-f]{64}");
    return EngineException.notFound("No such image: " + (id ? name : ImageName.tagged(name)));
  }

  /** All of them, in no order. */
  List<ImageDetails> all() {
    List<ImageDetails> all = new ArrayList<>();
    api().list(ListImageDetailsRequest.getDefaultInstance()).forEachRemaining(all::add);
    return all;
  }
}
