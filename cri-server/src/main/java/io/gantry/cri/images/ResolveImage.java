package io.gantry.cri.images;

import io.gantry.cri.grpc.Handler;
import io.gantry.image.RemoteImages;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Platform;
import io.gantry.image.reference.Reference;
import io.gantry.image.work.Cancellation;
import io.gantry.proto.v1.ImagePlatform;
import io.gantry.proto.v1.ResolveRequest;
import io.gantry.proto.v1.ResolveResponse;
import io.grpc.Context;
import java.io.IOException;

/** Resolve: what a name stands for in its registry. */
final class ResolveImage implements Handler<ResolveRequest, ResolveResponse> {

  private static final String ACT = "resolve image";

  private final RemoteImages images;

  ResolveImage(RemoteImages images) {
    this.images = images;
  }

  @Override
  public ResolveResponse handle(ResolveRequest request) throws IOException {
    Reference reference = NamedImages.reference(ACT, request.getImage());
    Cancellation cancellation = new Cancellation();
    Context context = Context.current();
    Context.CancellationListener leave = gone -> cancellation.cancel();
    context.addListener(leave, Runnable::run);
    try {
      return message(
          images.resolve(
              reference, AuthConfigs.parse(request.getAuth(), reference.host()), cancellation));
    } catch (ImageException e) {
      throw ImageFailures.translated(ACT, e);
    } finally {
      context.removeListener(leave);
    }
  }

  private static ResolveResponse message(RemoteImages.Resolved found) {
    ResolveResponse.Builder message =
        ResolveResponse.newBuilder()
            .setDigest(found.target().digest().toString())
            .setMediaType(found.target().mediaType())
            .setSizeBytes(found.target().sizeBytes());
    for (Platform platform : found.platforms()) {
      message.addPlatforms(
          ImagePlatform.newBuilder()
              .setOs(platform.os())
              .setArchitecture(platform.architecture())
              .setVariant(platform.variant()));
    }
    return message.build();
  }
}
