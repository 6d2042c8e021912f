package io.gantry.cri.images;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Handler;
import io.gantry.image.ImageNames;
import io.gantry.image.reference.Reference;
import io.gantry.proto.v1.UntagRequest;
import io.gantry.proto.v1.UntagResponse;
import java.io.IOException;

/** Untag: one name less; with its last name the image goes. */
final class UntagImage implements Handler<UntagRequest, UntagResponse> {

  private final ImageNames names;

  UntagImage(ImageNames names) {
    this.names = names;
  }

  @Override
  public UntagResponse handle(UntagRequest request) throws IOException {
    Reference reference = NamedImages.reference("untag image", request.getReference());
    ImageNames.Untagged untagged =
        names
            .untag(reference)
            .orElseThrow(
                () -> CriException.notFound("untag image: there is no image " + reference));
    return UntagResponse.newBuilder()
        .setRemovedImageId(untagged.removed() ? untagged.id().toString() : "")
        .build();
  }
}
