package io.gantry.cri.images;

import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.Batches;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.grpc.StreamHandler;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.proto.cri.v1.Image;
import io.gantry.proto.cri.v1.ImageFilter;
import io.gantry.proto.cri.v1.ListImagesRequest;
import io.gantry.proto.cri.v1.ListImagesResponse;
import io.gantry.proto.cri.v1.StreamImagesRequest;
import io.gantry.proto.cri.v1.StreamImagesResponse;
import java.util.List;

/** ListImages and StreamImages: all images, or the one that the filter names. */
public final class ListImages
    implements Handler<ListImagesRequest, ListImagesResponse>,
        StreamHandler<StreamImagesRequest, StreamImagesResponse> {

  private final Images images;

  public ListImages(Images images) {
    this.images = images;
  }

  @Override
  public ListImagesResponse handle(ListImagesRequest request) {
    return ListImagesResponse.newBuilder().addAllImages(found(request.getFilter())).build();
  }

  @Override
  public void handle(StreamImagesRequest request, Answers<StreamImagesResponse> answers)
      throws InterruptedException {
    Batches.send(
        found(request.getFilter()),
        batch -> StreamImagesResponse.newBuilder().addAllImages(batch).build(),
        answers);
  }

  private List<Image> found(ImageFilter filter) {
    String wanted = filter.getImage().getImage();
    List<ImageRecord> found =
        wanted.isEmpty() ? images.list() : images.find(wanted).stream().toList();
    return found.stream().map(ImageMessages::of).toList();
  }
}
