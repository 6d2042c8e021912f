package io.gantry.cri.images;

import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.StreamHandler;
import io.gantry.image.ImageNames;
import io.gantry.image.ImageRecord;
import io.gantry.image.LocalImages;
import io.gantry.image.PullInProgress;
import io.gantry.image.failure.ImageException;
import io.gantry.image.manifest.Descriptor;
import io.gantry.image.manifest.Platform;
import io.gantry.image.reference.Reference;
import io.gantry.proto.v1.PullRequest;
import io.gantry.proto.v1.TransferProgress;
import io.gantry.proto.v1.TransferResult;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Pull: as PullImage of the CRI, and tells how it goes. */
final class PullWithProgress implements StreamHandler<PullRequest, TransferProgress> {

  private static final long LOOK_MILLIS = 100;

  private final LocalImages images;
  private final ImageNames names;

  PullWithProgress(LocalImages images, ImageNames names) {
    this.images = images;
    this.names = names;
  }

  @Override
  public void handle(PullRequest request, Answers<TransferProgress> answers) throws Exception {
    Reference reference = NamedImages.reference("pull image", request.getImage());
    Optional<Platform> platform =
        request.getPlatform().isEmpty()
            ? Optional.empty()
            : Optional.of(Platform.parse(request.getPlatform()));
    PullInProgress pull =
        images.follow(
            new io.gantry.image.PullRequest(
                reference.toString(),
                AuthConfigs.parse(request.getAuth(), reference.host()),
                platform));
    Map<String, PullInProgress.LayerState> told = new HashMap<>();
    try {
      while (!isDone(pull)) {
        tell(pull.layers(), told, answers);
      }
      ImageRecord image = pull.result().get();
      tell(pull.layers(), told, answers);
      Descriptor target = names.details(image).target();
      answers.send(
          TransferProgress.newBuilder()
              .setResult(
                  TransferResult.newBuilder()
                      .setImageId(image.id().toString())
                      .setDigest(target.digest().toString())
                      .setSizeBytes(target.sizeBytes())
                      .setUnchanged(pull.wasCurrent()))
              .build());
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ImageException failure
          ? ImageFailures.translated("pull image", failure)
          : e;
    } finally {
      pull.result().cancel(true);
    }
  }

  private static boolean isDone(PullInProgress pull) throws InterruptedException {
    try {
      pull.result().get(LOOK_MILLIS, TimeUnit.MILLISECONDS);
      return true;
    } catch (ExecutionException failed) {
      return true;
    } catch (TimeoutException notYet) {
      return false;
    }
  }

  /** What has changed, and of each layer every phase that others look for. */
  private static void tell(
      List<PullInProgress.LayerState> states,
      Map<String, PullInProgress.LayerState> told,
      Answers<TransferProgress> answers)
      throws InterruptedException {
    for (PullInProgress.LayerState state : states) {
      String digest = state.blob().digest().toString();
      PullInProgress.LayerState before = told.put(digest, state);
      if (state.equals(before)) {
        continue;
      }
      boolean loaded =
          state.phase() == PullInProgress.Phase.UNPACKING
              || state.phase() == PullInProgress.Phase.UNPACKED;
      boolean wasLoaded = before != null && before.phase() == PullInProgress.Phase.UNPACKING;
      if (loaded && !wasLoaded) {
        answers.send(message(state, TransferProgress.Phase.DOWNLOADED));
      }
      answers.send(message(state, phase(state.phase())));
    }
  }

  private static TransferProgress message(
      PullInProgress.LayerState state, TransferProgress.Phase phase) {
    return TransferProgress.newBuilder()
        .setBlobDigest(state.blob().digest().toString())
        .setPhase(phase)
        .setCurrentBytes(state.currentBytes())
        .setTotalBytes(state.blob().sizeBytes())
        .build();
  }

  private static TransferProgress.Phase phase(PullInProgress.Phase phase) {
    return switch (phase) {
      case WAITING -> TransferProgress.Phase.WAITING;
      case DOWNLOADING -> TransferProgress.Phase.DOWNLOADING;
      case UNPACKING -> TransferProgress.Phase.UNPACKING;
      case UNPACKED -> TransferProgress.Phase.UNPACKED;
      case ALREADY_THERE -> TransferProgress.Phase.ALREADY_THERE;
    };
  }
}
