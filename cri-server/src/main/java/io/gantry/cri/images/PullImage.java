package io.gantry.cri.images;

import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.grpc.Handler;
import io.gantry.image.ImageRecord;
import io.gantry.image.Images;
import io.gantry.image.PullRequest;
import io.gantry.image.failure.ImageException;
import io.gantry.image.reference.InvalidReferenceException;
import io.gantry.image.reference.Reference;
import io.gantry.proto.cri.v1.PullImageRequest;
import io.gantry.proto.cri.v1.PullImageResponse;
import io.grpc.Context;
import io.grpc.Status;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * PullImage: fetches and unpacks an image, and answers its id. Whoever asks may leave; the work
 * goes on while anybody waits for it.
 */
public final class PullImage implements Handler<PullImageRequest, PullImageResponse> {

  /**
   * The kubelet tells these failures from others by the beginning of the message (cri-api,
   * pkg/errors).
   */
  private static final String REGISTRY_UNAVAILABLE = "RegistryUnavailable: ";

  private static final String SIGNATURE_VALIDATION_FAILED = "SignatureValidationFailed: ";

  private final Images images;

  public PullImage(Images images) {
    this.images = images;
  }

  @Override
  public PullImageResponse handle(PullImageRequest request) throws Exception {
    Reference reference = reference(request.getImage().getImage());
    PullRequest pull =
        new PullRequest(
            reference.toString(), AuthConfigs.parse(request.getAuth(), reference.host()));
    CompletableFuture<ImageRecord> work = images.pull(pull);
    Context context = Context.current();
    Context.CancellationListener leave = gone -> work.cancel(true);
    context.addListener(leave, Runnable::run);
    try {
      return PullImageResponse.newBuilder().setImageRef(work.get().id().toString()).build();
    } catch (CancellationException e) {
      throw left(context, reference, e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof ImageException failure ? translated(failure) : e;
    } finally {
      context.removeListener(leave);
    }
  }

  private static Reference reference(String name) {
    try {
      return Reference.parse(name);
    } catch (InvalidReferenceException e) {
      throw CriException.invalid("pull image: " + e.getMessage());
    }
  }

  private static Exception left(Context context, Reference reference, CancellationException e) {
    boolean late = context.getDeadline() != null && context.getDeadline().isExpired();
    Status status = late ? Status.DEADLINE_EXCEEDED : Status.CANCELLED;
    return status
        .withDescription(
            "pull image "
                + reference
                + ": the caller's "
                + (late ? "deadline has passed" : "call was cancelled"))
        .withCause(e)
        .asException();
  }

  private static CriException translated(ImageException failure) {
    String words = "pull image " + failure.getMessage();
    return switch (failure.kind()) {
      case INVALID_REFERENCE -> new CriException(Failure.INVALID_REQUEST, words, failure);
      case NOT_FOUND -> new CriException(Failure.NOT_FOUND, words, failure);
      case UNAUTHORIZED -> new CriException(Failure.UNAUTHENTICATED, words, failure);
      case UNAVAILABLE ->
          new CriException(Failure.UNAVAILABLE, REGISTRY_UNAVAILABLE + words, failure);
      case UNTRUSTED ->
          new CriException(Failure.FORBIDDEN, SIGNATURE_VALIDATION_FAILED + words, failure);
      case CORRUPT, STORAGE -> new CriException(Failure.INTERNAL, words, failure);
      case UNSUPPORTED -> new CriException(Failure.WRONG_STATE, words, failure);
      case CANCELLED -> new CriException(Failure.UNAVAILABLE, words, failure);
    };
  }
}
