package io.gantry.cri.images;

import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.StreamHandler;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.image.Pushes;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.push.PushListener;
import io.gantry.image.reference.Reference;
import io.gantry.image.work.Cancellation;
import io.gantry.proto.v1.PushRequest;
import io.gantry.proto.v1.TransferProgress;
import io.gantry.proto.v1.TransferResult;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/** Push: sends an image, and tells how it goes. A caller that leaves ends it. */
final class PushImage implements StreamHandler<PushRequest, TransferProgress> {

  private static final long LOOK_MILLIS = 100;

  private final Images images;
  private final Pushes pushes;

  PushImage(Images images, Pushes pushes) {
    this.images = images;
    this.pushes = pushes;
  }

  @Override
  public void handle(PushRequest request, Answers<TransferProgress> answers) throws Exception {
    String act = "push image " + request.getImage();
    ImageRecord image = NamedImages.find("push image", images, request.getImage());
    Reference destination =
        NamedImages.tag(
            act,
            request.getDestination().isEmpty() ? request.getImage() : request.getDestination());
    TransferFeed feed = new TransferFeed();
    Cancellation cancellation = new Cancellation();
    CompletableFuture<Pushes.Result> work =
        pushes.begin(
            new Pushes.Request(
                image, destination, AuthConfigs.parse(request.getAuth(), destination.host())),
            new Listener(feed),
            cancellation);
    try {
      while (!work.isDone()) {
        tell(feed, answers);
      }
      Pushes.Result result = work.get();
      tell(feed, answers);
      answers.send(
          TransferProgress.newBuilder()
              .setResult(
                  TransferResult.newBuilder()
                      .setImageId(image.id().toString())
                      .setDigest(result.pushed().digest().toString())
                      .setSizeBytes(result.pushed().sizeBytes())
                      .setUnchanged(result.unchanged()))
              .build());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ImageException failure
          ? ImageFailures.translated(act, failure)
          : e;
    } finally {
      cancellation.cancel();
    }
  }

  private static void tell(TransferFeed feed, Answers<TransferProgress> answers)
      throws InterruptedException {
    for (TransferProgress progress : feed.take(LOOK_MILLIS)) {
      answers.send(progress);
    }
  }

  private record Listener(TransferFeed feed) implements PushListener {
    @Override
    public void blob(Descriptor blob, Phase phase, long currentBytes, Optional<String> from) {
      feed.put(
          TransferProgress.newBuilder()
              .setBlobDigest(blob.digest().toString())
              .setPhase(message(phase))
              .setCurrentBytes(currentBytes)
              .setTotalBytes(blob.sizeBytes())
              .setMountedFrom(from.orElse(""))
              .build());
    }

    private static TransferProgress.Phase message(Phase phase) {
      return switch (phase) {
        case WAITING -> TransferProgress.Phase.WAITING;
        case ALREADY_THERE -> TransferProgress.Phase.ALREADY_THERE;
        case MOUNTED -> TransferProgress.Phase.MOUNTED;
        case UPLOADING -> TransferProgress.Phase.UPLOADING;
        case UPLOADED -> TransferProgress.Phase.UPLOADED;
      };
    }

    @Override
    public void words(String words) {
      feed.put(TransferProgress.newBuilder().setWords(words).build());
    }
  }
}
