package io.gantry.cri.images;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.image.Images;
import io.gantry.proto.cri.v1.RemoveImageRequest;
import io.gantry.proto.cri.v1.RemoveImageResponse;
import java.io.IOException;

/** RemoveImage: the image with all its names; it is no error if it is not here. */
public final class RemoveImage implements Handler<RemoveImageRequest, RemoveImageResponse> {

  private final Images images;

  public RemoveImage(Images images) {
    this.images = images;
  }

  @Override
  public RemoveImageResponse handle(RemoveImageRequest request) throws IOException {
    String unwanted = request.getImage().getImage();
    if (unwanted.isEmpty()) {
      throw CriException.invalid("remove image: no image is named");
    }
    images.remove(unwanted);
    return RemoveImageResponse.getDefaultInstance();
  }
}
