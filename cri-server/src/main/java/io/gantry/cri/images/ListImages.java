package io.gantry.cri.images;

import io.gantry.cri.grpc.Handler;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.proto.cri.v1.ListImagesRequest;
import io.gantry.proto.cri.v1.ListImagesResponse;
import java.util.List;

/** ListImages: all images, or the one that the filter names. */
public final class ListImages implements Handler<ListImagesRequest, ListImagesResponse> {

  private final Images images;

  public ListImages(Images images) {
    this.images = images;
  }

  @Override
  public ListImagesResponse handle(ListImagesRequest request) {
    String wanted = request.getFilter().getImage().getImage();
    List<ImageRecord> found =
        wanted.isEmpty() ? images.list() : images.find(wanted).stream().toList();
    return ListImagesResponse.newBuilder()
        .addAllImages(found.stream().map(ImageMessages::of).toList())
        .build();
  }
}
