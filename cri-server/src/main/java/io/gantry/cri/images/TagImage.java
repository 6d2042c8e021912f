package io.gantry.cri.images;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.image.ImageNames;
import io.gantry.image.reference.Reference;
import io.gantry.proto.v1.TagRequest;
import io.gantry.proto.v1.TagResponse;
import java.io.IOException;

/** Tag: one more name for an image. */
final class TagImage implements Handler<TagRequest, TagResponse> {

  private final ImageNames names;

  TagImage(ImageNames names) {
    this.names = names;
  }

  @Override
  public TagResponse handle(TagRequest request) throws IOException {
    Reference target = NamedImages.tag("tag image", request.getTarget());
    if (names.tag(request.getImage(), target).isEmpty()) {
      throw CriException.notFound("tag image: there is no image " + request.getImage() + " here");
    }
    return TagResponse.getDefaultInstance();
  }
}
