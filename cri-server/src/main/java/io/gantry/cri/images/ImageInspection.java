package io.gantry.cri.images;

import com.google.protobuf.ByteString;
import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.Handler;
import io.gantry.cri.grpc.StreamHandler;
import io.gantry.image.ImageNames;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.image.failure.ImageException;
import io.gantry.proto.v1.ImageDetails;
import io.gantry.proto.v1.ImageLayer;
import io.gantry.proto.v1.InspectImageRequest;
import io.gantry.proto.v1.ListImageDetailsRequest;
import java.io.IOException;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/** Inspect and List: all that is known of one image, or of each. */
final class ImageInspection
    implements Handler<InspectImageRequest, ImageDetails>,
        StreamHandler<ListImageDetailsRequest, ImageDetails> {

  private final Images images;
  private final ImageNames names;

  ImageInspection(Images images, ImageNames names) {
    this.images = images;
    this.names = names;
  }

  @Override
  public ImageDetails handle(InspectImageRequest request) throws IOException {
    ImageRecord image = NamedImages.find("inspect image", images, request.getImage());
    try {
      return message(names.details(image));
    } catch (ImageException e) {
      throw ImageFailures.translated("inspect image " + request.getImage(), e);
    }
  }

  @Override
  public void handle(ListImageDetailsRequest request, Answers<ImageDetails> answers)
      throws IOException, InterruptedException {
    for (ImageRecord image : images.list()) {
      io.gantry.image.ImageDetails details;
      try {
        details = names.details(image);
      } catch (ImageException e) {
        if (images.find(image.id().toString()).isPresent()) {
          throw ImageFailures.translated("inspect image " + image.id(), e);
        }
        continue; // It was removed meanwhile.
      }
      answers.send(message(details));
    }
  }

  private static ImageDetails message(io.gantry.image.ImageDetails details) {
    ImageRecord image = details.image();
    ImageDetails.Builder message =
        ImageDetails.newBuilder()
            .setId(image.id().toString())
            .addAllRepoTags(image.repoTags())
            .addAllRepoDigests(image.repoDigests())
            .setTargetDigest(details.target().digest().toString())
            .setConfig(ByteString.copyFromUtf8(image.configJson()))
            .setManifest(ByteString.copyFrom(details.manifest()))
            .setSizeBytes(details.unpackedBytes())
            .setPulledAtNanos(nanos(image.pulledAt()))
            .setPinned(image.pinned())
            .setParentId(image.origin().parent().map(Object::toString).orElse(""));
    image.origin().taggedAt().ifPresent(at -> message.setTaggedAtNanos(nanos(at)));
    details.layers().forEach(layer -> message.addLayers(layer(layer)));
    return message.build();
  }

  private static ImageLayer layer(io.gantry.image.ImageDetails.Layer layer) {
    return ImageLayer.newBuilder()
        .setDigest(layer.blob().digest().toString())
        .setMediaType(layer.blob().mediaType())
        .setSizeBytes(layer.blob().sizeBytes())
        .setDiffId(layer.diffId().toString())
        .setChainId(layer.chain().toString())
        .setUnpackedBytes(layer.unpackedBytes().orElse(0L))
        .build();
  }

  private static long nanos(Instant instant) {
    return TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano();
  }
}
