package io.gantry.cri.images;

import io.gantry.cri.grpc.RpcService;
import io.gantry.image.Images;
import io.gantry.proto.cri.v1.ImageServiceGrpc;
import java.time.Clock;

/** Puts the ImageService's handlers in their places. */
public final class ImageHandlers {

  private ImageHandlers() {}

  public static void register(RpcService service, Images images, Clock clock) {
    ListImages list = new ListImages(images);
    service.handle(ImageServiceGrpc.getListImagesMethod(), list);
    service.stream(ImageServiceGrpc.getStreamImagesMethod(), list);
    service.handle(ImageServiceGrpc.getImageStatusMethod(), new ImageStatus(images));
    service.handle(ImageServiceGrpc.getPullImageMethod(), new PullImage(images));
    service.handle(ImageServiceGrpc.getRemoveImageMethod(), new RemoveImage(images));
    service.handle(ImageServiceGrpc.getImageFsInfoMethod(), new ImageFsInfo(images, clock));
  }
}
