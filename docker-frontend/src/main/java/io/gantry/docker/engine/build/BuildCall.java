package io.gantry.docker.engine.build;

import io.gantry.proto.v1.BuildProgress;
import io.gantry.proto.v1.BuildRequest;
import io.gantry.proto.v1.BuilderGrpc;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/**
 * A build that is under way: what is sent waits for the builder, and what it tells waits to be
 * taken. Thread-safe.
 */
final class BuildCall implements ClientResponseObserver<BuildRequest, BuildProgress> {
  // All guarded by this.
  private final Deque<BuildProgress> told = new ArrayDeque<>();
  private ClientCallStreamObserver<BuildRequest> requests;
  private Optional<StatusRuntimeException> failure = Optional.empty();
  private boolean ended;

  private BuildCall() {}

  static BuildCall begin(BuilderGrpc.BuilderStub builder) {
    BuildCall call = new BuildCall();
    builder.build(call);
    return call;
  }

  @Override
  public synchronized void beforeStart(ClientCallStreamObserver<BuildRequest> stream) {
    requests = stream;
    stream.disableAutoRequestWithInitial(1);
    stream.setOnReadyHandler(this::wake);
  }

  private synchronized void wake() {
    notifyAll();
  }

  /**
   * Sends one message, once the builder takes it; does nothing once the build is over.
   *
   * @throws IllegalStateException if interrupted
   */
  void send(BuildRequest message) {
    synchronized (this) {
      while (!requests.isReady() && !ended) {
        await();
      }
      if (ended) {
        return;
      }
    }
    requests.onNext(message);
  }

  private void await() {
    try {
      wait();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** All is sent. */
  void sent() {
    synchronized (this) {
      if (ended) {
        return;
      }
    }
    requests.onCompleted();
  }

  /** What was to be sent cannot be had. */
  void abandon(Exception reason) {
    requests.cancel("the context cannot be read", reason);
  }

  /**
   * Waits for what the builder tells.
   *
   * @return nothing once the image is built
   * @throws StatusRuntimeException if it is not
   */
  Optional<BuildProgress> next() {
    BuildProgress message;
    synchronized (this) {
      while (told.isEmpty() && !ended) {
        await();
      }
      message = told.poll();
      if (message == null) {
        if (failure.isPresent()) {
          throw failure.get();
        }
        return Optional.empty();
      }
    }
    requests.request(1);
    return Optional.of(message);
  }

  @Override
  public synchronized void onNext(BuildProgress message) {
    told.add(message);
    notifyAll();
  }

  @Override
  public synchronized void onError(Throwable reason) {
    failure = Optional.of(Status.fromThrowable(reason).asRuntimeException());
    ended = true;
    notifyAll();
  }

  @Override
  public synchronized void onCompleted() {
    ended = true;
    notifyAll();
  }
}
