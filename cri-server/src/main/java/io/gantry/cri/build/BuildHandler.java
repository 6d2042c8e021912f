package io.gantry.cri.build;

import io.gantry.cri.grpc.Answers;
import io.gantry.cri.grpc.ConversationHandler;
import io.gantry.cri.grpc.CriException;
import io.gantry.cri.grpc.Failure;
import io.gantry.cri.grpc.Incoming;
import io.gantry.cri.operation.Phase;
import io.gantry.image.ImageRecord;
import io.gantry.image.build.BuildException;
import io.gantry.image.build.Builder;
import io.gantry.image.dockerfile.DockerfileException;
import io.gantry.image.failure.ImageException;
import io.gantry.image.work.Cancellation;
import io.gantry.proto.v1.BuildProgress;
import io.gantry.proto.v1.BuildRequest;
import io.gantry.proto.v1.BuildStart;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * Build. The work is done on threads of its own, and this call's thread tells of it; when the
 * caller goes the work is stopped, and the call ends when nothing of it is left.
 */
final class BuildHandler implements ConversationHandler<BuildRequest, BuildProgress> {
  /** How many messages may wait for a slow reader; then the build waits. */
  private static final int WAITING = 256;

  private final Builder builder;
  private final StepNetworks networks;
  private final Executor executor;

  BuildHandler(Builder builder, StepNetworks networks, Executor executor) {
    this.builder = builder;
    this.networks = networks;
    this.executor = executor;
  }

  @Override
  public void handle(Incoming<BuildRequest> incoming, Answers<BuildProgress> answers)
      throws Exception {
    BuildStart start =
        incoming
            .next()
            .filter(BuildRequest::hasStart)
            .orElseThrow(() -> CriException.invalid("build: the first message has no start"))
            .getStart();
    io.gantry.image.build.BuildRequest request = BuildRequests.of(start);
    if (StepNetworks.isName(request.network())) {
      networks.check(request.network());
    }
    Builder.Context context =
        start.getRemote().isEmpty()
            ? new Builder.Archive(new ContextStream(incoming))
            : new Builder.Remote(start.getRemote());
    Cancellation cancellation = new Cancellation();
    BlockingQueue<Optional<String>> words = new LinkedBlockingQueue<>(WAITING);
    CompletableFuture<ImageRecord> work = new CompletableFuture<>();
    Phase.begins("build");
    executor.execute(
        () -> {
          try {
            work.complete(
                builder.build(
                    request,
                    context,
                    text -> put(words, Optional.of(text), cancellation),
                    cancellation));
          } catch (Throwable failure) {
            work.completeExceptionally(failure);
          } finally {
            put(words, Optional.empty(), new Cancellation());
          }
        });
    try {
      for (Optional<String> text = words.take(); text.isPresent(); text = words.take()) {
        answers.send(BuildProgress.newBuilder().setWords(text.get()).build());
      }
    } catch (InterruptedException gone) {
      cancellation.cancel();
      awaitEnd(words);
      throw gone;
    }
    answers.send(result(work, answers));
  }

  /** Waits while too much is waiting already, unless nobody reads any more. */
  private static void put(
      BlockingQueue<Optional<String>> words, Optional<String> text, Cancellation cancellation) {
    boolean interrupted = false;
    boolean done = false;
    while (!done && !cancellation.isCancelled()) {
      try {
        done = words.offer(text, 100, TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** What was built is being undone; the caller is gone, and the interrupt was its going. */
  private static void awaitEnd(BlockingQueue<Optional<String>> words) {
    boolean ended = false;
    while (!ended) {
      try {
        ended = words.take().isEmpty();
      } catch (InterruptedException again) {
        // Said before.
      }
    }
  }

  private static BuildProgress result(
      CompletableFuture<ImageRecord> work, Answers<BuildProgress> answers) throws Exception {
    try {
      return BuildProgress.newBuilder().setImageId(work.get().id().toString()).build();
    } catch (ExecutionException e) {
      Throwable cause = e.getCause();
      if (cause instanceof BuildException failure && failure.exitCode().isPresent()) {
        answers.send(BuildProgress.newBuilder().setExitCode(failure.exitCode().getAsInt()).build());
      }
      throw cause instanceof Exception failure ? translated(failure) : e;
    }
  }

  private static Exception translated(Exception failure) {
    if (failure instanceof DockerfileException) {
      return new CriException(Failure.INVALID_REQUEST, failure.getMessage(), failure);
    }
    if (failure instanceof BuildException build) {
      return new CriException(
          build.exitCode().isPresent() ? Failure.WRONG_STATE : Failure.INVALID_REQUEST,
          failure.getMessage(),
          failure);
    }
    if (failure instanceof ImageException image) {
      return switch (image.kind()) {
        case INVALID_REFERENCE, CORRUPT ->
            new CriException(Failure.INVALID_REQUEST, failure.getMessage(), failure);
        case NOT_FOUND -> new CriException(Failure.NOT_FOUND, failure.getMessage(), failure);
        case UNAUTHORIZED ->
            new CriException(Failure.UNAUTHENTICATED, failure.getMessage(), failure);
        case UNAVAILABLE, CANCELLED ->
            new CriException(Failure.UNAVAILABLE, failure.getMessage(), failure);
        case UNSUPPORTED -> new CriException(Failure.WRONG_STATE, failure.getMessage(), failure);
        case UNTRUSTED -> new CriException(Failure.FORBIDDEN, failure.getMessage(), failure);
        case STORAGE -> failure;
      };
    }
    return failure;
  }
}
